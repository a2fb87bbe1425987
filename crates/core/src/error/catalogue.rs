//! The closed list of what can go wrong, as a client sees it. One table makes the HTTP status, the API
//! documents, `docs/errors.md` and the pages under `/errors/`.

use std::fmt;

/// One kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be understood.
    BadRequest,
    /// The request was understood and some of its values are wrong.
    Validation,
    /// The caller is not known.
    Unauthorized,
    /// The caller is known and may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The thing exists and does not take this method.
    MethodNotAllowed,
    /// No form of the answer suits the `Accept` header.
    NotAcceptable,
    /// The request contradicts the present state.
    Conflict,
    /// The thing was here and is not any more.
    Gone,
    /// The body is over its limit.
    PayloadTooLarge,
    /// The body's type or encoding is not taken here.
    UnsupportedMediaType,
    /// `If-Match` did not hold.
    PreconditionFailed,
    /// Too many requests.
    RateLimited,
    /// A fault of ours.
    Internal,
    /// Not built.
    NotImplemented,
    /// A service behind us answered wrongly.
    Upstream,
    /// A part we need is lost or full.
    ServiceUnavailable,
    /// A part we need failed so often that it is left alone for a while.
    CircuitOpen,
    /// Time ran out.
    Timeout,
}

/// A row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The kind this row describes.
    pub kind: ErrorKind,
    /// The stable machine-readable name.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Other statuses of the same meaning that HTTP names more precisely.
    pub also: &'static [u16],
    /// The title in problem form.
    pub title: &'static str,
    /// What the client reads when the raiser says nothing better.
    pub message: &'static str,
    /// What happened, for the error's page.
    pub meaning: &'static str,
    /// What the reader can do about it.
    pub remedy: &'static str,
}

macro_rules! catalogue {
    ($($kind:ident $code:literal $status:literal also $also:expr, $title:literal, $message:literal,
       $meaning:literal, $remedy:literal;)*) => {
        /// Every kind with its facts, in order of status.
        pub const CATALOGUE: &[Entry] = &[$(Entry {
            kind: ErrorKind::$kind, code: $code, status: $status, also: &$also, title: $title,
            message: $message, meaning: $meaning, remedy: $remedy,
        }),*];

        impl ErrorKind {
            /// This kind's row of the catalogue.
            #[must_use]
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$kind => &Entry {
                        kind: ErrorKind::$kind, code: $code, status: $status, also: &$also, title: $title,
                        message: $message, meaning: $meaning, remedy: $remedy,
                    },)*
                }
            }
        }
    };
}

catalogue! {
    BadRequest "bad_request" 400 also [414, 417, 421, 431], "Bad Request", "Bad Request",
        "The request could not be understood: malformed JSON, a broken header, an impossible address.",
        "Compare what was sent with the API documents; the message names the part.";
    Unauthorized "unauthorized" 401 also [], "Authentication Required", "Unauthorized",
        "The request carries no valid credentials: none, expired, revoked or wrong.",
        "Log in, or refresh the access token, and send it as `Authorization: Bearer …`.";
    Forbidden "forbidden" 403 also [], "Permission Denied", "Forbidden",
        "The caller is known and lacks the permission for this.",
        "Ask an administrator for the permission; logging in again does not help.";
    NotFound "not_found" 404 also [], "Resource Not Found", "Not Found",
        "Nothing exists at this address.",
        "Check the path and the id.";
    MethodNotAllowed "method_not_allowed" 405 also [], "Method Not Allowed", "Method Not Allowed",
        "The address exists and does not take this method.",
        "Use one of the methods in the `Allow` header.";
    NotAcceptable "not_acceptable" 406 also [], "Not Acceptable", "Not Acceptable",
        "No available form of the answer suits the `Accept` header.",
        "Accept `application/json` or `*/*`.";
    Conflict "conflict" 409 also [], "Conflict", "Conflict",
        "The request contradicts what is stored, such as an e-mail address that is taken.",
        "Read the reason, fetch the present state, and decide anew.";
    Gone "gone" 410 also [], "Gone", "Gone",
        "What was here has been removed or used up, such as a single-use link.",
        "Ask for a new one.";
    PreconditionFailed "precondition_failed" 412 also [], "Precondition Failed", "Precondition Failed",
        "The resource has changed since the version named in `If-Match`.",
        "Fetch it again, apply the change to the new version, and send its `ETag`.";
    PayloadTooLarge "payload_too_large" 413 also [], "Payload Too Large", "Payload Too Large",
        "The body is over the limit for this address.",
        "Send less, or in parts.";
    UnsupportedMediaType "unsupported_media_type" 415 also [], "Unsupported Media Type",
        "Unsupported Media Type",
        "The `Content-Type` or `Content-Encoding` is not taken here.",
        "Send `application/json`, uncompressed or as the documents say.";
    Validation "validation_error" 422 also [], "Validation Failed", "Validation Failed",
        "The request was understood and some of its values break a rule; `details` lists each field.",
        "Mend the fields listed and send it again.";
    RateLimited "rate_limited" 429 also [], "Too Many Requests", "Too Many Requests",
        "The caller has used up its allowance for now.",
        "Wait for the seconds in `Retry-After`.";
    Internal "internal_error" 500 also [], "Internal Server Error", "Internal Server Error",
        "Something went wrong on our side. It has been logged under the request id.",
        "Try again; if it persists, report the request id.";
    NotImplemented "not_implemented" 501 also [505], "Not Implemented", "Not Implemented",
        "The server does not support what the request asks for.",
        "See the API documents for what is supported.";
    Upstream "upstream_error" 502 also [], "Upstream Error", "Upstream Error",
        "A service behind this one failed or answered wrongly.",
        "Try again later.";
    ServiceUnavailable "service_unavailable" 503 also [], "Service Unavailable", "Service Unavailable",
        "A part that this request needs is lost or overloaded.",
        "Wait for the seconds in `Retry-After`, then try again.";
    CircuitOpen "circuit_open" 503 also [], "Circuit Open", "Service Unavailable",
        "A part that this request needs failed repeatedly and is left alone until it recovers.",
        "Wait for the seconds in `Retry-After`, then try again.";
    Timeout "timeout" 504 also [408], "Timeout", "Timeout",
        "Time ran out: the server's for an answer (504), or the client's for sending its request (408).",
        "Try again; send the request without pauses.";
}

impl ErrorKind {
    /// The stable machine-readable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.entry().code
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.entry().status
    }

    /// The last part of the error's page address: the code with hyphens.
    #[must_use]
    pub fn slug(self) -> String {
        self.code().replace('_', "-")
    }

    /// The kind whose page is at `/errors/{slug}`.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        CATALOGUE.iter().map(|entry| entry.kind).find(|kind| kind.slug() == slug)
    }

    /// The kind that a bare HTTP status stands for: exact where the catalogue names it, else by its class.
    #[must_use]
    pub fn from_status(status: u16) -> Self {
        CATALOGUE
            .iter()
            .find(|entry| entry.status == status || entry.also.contains(&status))
            .map_or(if status >= 500 { Self::Internal } else { Self::BadRequest }, |entry| entry.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_and_slugs_are_unique_and_lead_back() {
        let codes: HashSet<_> = CATALOGUE.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), CATALOGUE.len());
        for entry in CATALOGUE {
            assert_eq!(ErrorKind::from_slug(&entry.kind.slug()), Some(entry.kind));
            assert_eq!(entry.kind.entry().code, entry.code);
        }
    }

    #[test]
    fn any_status_has_a_kind_of_its_own_class() {
        for status in 400..600 {
            let kind = ErrorKind::from_status(status);
            assert_eq!(kind.status() / 100, if status == 408 { 5 } else { status / 100 }, "{status}");
        }
    }
}
