//! The one error type that crosses crate borders.
//!
//! Two texts per error: the `message` is for the client, the `source` is for the log and never leaves the
//! process. A crate's own error says what happened in its words and converts into this one.

mod body;
mod catalogue;
mod field;
mod format;
mod reason;
#[cfg(feature = "openapi")]
mod schema;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    borrow::Cow,
    error::Error as StdError,
    fmt,
    sync::Arc,
    time::Duration,
};

pub use body::{Details, Envelope, EnvelopeError, ErrorBody, Facts, Occurrence, Problem, Rendered, render};
pub use catalogue::{CATALOGUE, Entry, ErrorKind};
pub use field::FieldError;
pub use format::ErrorFormat;
pub use reason::Reason;

type Source = Box<dyn StdError + Send + Sync>;

/// A failure of the catalogue, with what the client may know and what only the log may.
///
/// Cloning it is cheap: several callers who wait for one outcome are told the same, and share its cause.
#[derive(Clone)]
pub struct Error(Arc<Contents>);

#[derive(Clone)]
struct Contents {
    kind: ErrorKind,
    status: u16,
    message: Cow<'static, str>,
    reason: Option<Cow<'static, str>>,
    fields: Vec<FieldError>,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    backtrace: Option<Arc<Backtrace>>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident $kind:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
            Self::new(ErrorKind::$kind, message)
        })*
    };
}

impl Error {
    /// A failure of `kind`; `message` is what the client reads.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Contents {
            kind,
            status: kind.status(),
            message: message.into(),
            reason: None,
            fields: Vec::new(),
            headers: Vec::new(),
            source: None,
            backtrace: if kind.status() >= 500 { captured() } else { None },
        }))
    }

    constructors! {
        /// 400: the request cannot be understood.
        bad_request BadRequest;
        /// 403: the caller may not.
        forbidden Forbidden;
        /// 404: there is no such thing.
        not_found NotFound;
        /// 409: the request contradicts the present state.
        conflict Conflict;
        /// 410: it was here and is not any more.
        gone Gone;
        /// 412: the version named in `If-Match` is not the present one.
        precondition_failed PreconditionFailed;
        /// 413: the body is over its limit.
        payload_too_large PayloadTooLarge;
        /// 415: the body's type is not taken here.
        unsupported_media_type UnsupportedMediaType;
    }

    /// 401 with the challenge that RFC 9110 §11.6.1 demands.
    #[must_use]
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unauthorized, message).with_header("www-authenticate", "Bearer")
    }

    /// 422 with the fields that broke a rule.
    #[must_use]
    pub fn validation(fields: Vec<FieldError>) -> Self {
        let mut error = Self::from(ErrorKind::Validation);
        error.facts().fields = fields;
        error
    }

    /// 500: a fault of ours, caused by `source`, of which the client learns nothing.
    #[must_use]
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::from(ErrorKind::Internal).with_source(source)
    }

    /// 503 that tells the client when to come back.
    #[must_use]
    pub fn unavailable(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self::new(ErrorKind::ServiceUnavailable, message).with_retry_after(retry_after)
    }

    /// The same with the domain's dotted name for what happened, such as `users.email_taken`.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.facts().reason = Some(reason.into());
        self
    }

    /// The same with its cause, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.facts().source = Some(Arc::from(source.into()));
        self
    }

    /// The same with a response header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let headers = &mut self.facts().headers;
        headers.retain(|(present, _)| *present != name);
        headers.push((name, value.into()));
        self
    }

    /// The same with `Retry-After`, in whole seconds rounded up (RFC 9110 §10.2.3).
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header("retry-after", seconds.max(1).to_string())
    }

    /// The same under a more precise HTTP status. A status the catalogue does not list for this kind is
    /// ignored, so that code and status never contradict each other.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        if self.0.kind.entry().also.contains(&status) {
            self.facts().status = status;
        }
        self
    }

    /// Which row of the catalogue.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What the client reads.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The domain's dotted name for what happened.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The fields that broke a rule.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Response headers that belong to this failure, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.headers.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    /// The causes from nearest to farthest, as text for the log.
    pub fn causes(&self) -> impl Iterator<Item = String> {
        let nearest: Option<&dyn StdError> = self.source();
        std::iter::successors(nearest, |error| (*error).source()).map(ToString::to_string)
    }

    /// Where it was raised: captured for 5xx when `RUST_BACKTRACE` asks for it.
    #[must_use]
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.0.backtrace.as_deref()
    }

    /// To be changed; those of the clones stay as they are.
    fn facts(&mut self) -> &mut Contents {
        Arc::make_mut(&mut self.0)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, kind.entry().message)
    }
}

impl From<FieldError> for Error {
    fn from(field: FieldError) -> Self {
        Self::validation(vec![field])
    }
}

/// The alternate form is that of the fields, if there are any.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() && !self.0.fields.is_empty() {
            return self.0.fields.iter().try_for_each(|field| write!(f, "{field:#}"));
        }
        write!(f, "{}: {}", self.0.kind, self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("reason", &self.0.reason)
            .field("fields", &self.0.fields)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}

fn captured() -> Option<Arc<Backtrace>> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| Arc::new(backtrace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_people_never_holds_the_cause() {
        let error = Error::internal("SELECT password FROM users");
        assert!(!error.to_string().contains("SELECT"));
        assert_eq!(error.causes().collect::<Vec<_>>(), ["SELECT password FROM users"]);
    }

    #[test]
    fn retry_after_is_whole_seconds_and_never_zero() {
        let seconds = |wait| {
            let error = Error::unavailable("busy", wait);
            error.headers().find(|(name, _)| *name == "retry-after").map(|(_, v)| v.to_owned())
        };
        assert_eq!(seconds(Duration::ZERO).as_deref(), Some("1"));
        assert_eq!(seconds(Duration::from_millis(2_001)).as_deref(), Some("3"));
    }

    #[test]
    fn a_clone_is_told_the_same_and_changed_alone() {
        let error = Error::unavailable("busy", Duration::from_secs(2)).with_reason("a.b").with_source("why");
        let clone = error.clone();
        assert_eq!((clone.kind(), clone.status(), clone.message()), (error.kind(), 503, "busy"));
        assert_eq!((clone.reason(), clone.headers().next()), (Some("a.b"), error.headers().next()));
        assert_eq!(clone.causes().collect::<Vec<_>>(), ["why"]);
        assert_eq!(clone.with_reason("c.d").reason(), Some("c.d"));
        assert_eq!(error.reason(), Some("a.b"));
    }

    #[test]
    fn a_status_outside_the_row_is_ignored() {
        assert_eq!(Error::from(ErrorKind::Timeout).with_status(408).status(), 408);
        assert_eq!(Error::from(ErrorKind::Timeout).with_status(200).status(), 504);
    }
}
