//! What actix-web itself raises, in the catalogue's words. None of its own texts reach a client: they name
//! types, parser positions and limits of the inside. They become the cause, for the log.

use std::{io, time::Duration};

use actix_web::{
    ResponseError,
    error::{
        BlockingError, ContentTypeError, JsonPayloadError, PathError, PayloadError, QueryPayloadError,
        ReadlinesError, UrlencodedError,
    },
    http::StatusCode,
};
use palisade_core::{Error, ErrorKind, FieldError};
use serde_json::error::Category;

use super::Rejection;

/// How long a client is asked to wait where nobody knows better.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The catalogue's error for an actix-web `error` that was answered with `status`.
#[must_use]
pub fn from_actix(error: &actix_web::Error, status: StatusCode) -> Rejection {
    if let Some(rejection) = error.as_error::<Rejection>() {
        return rejection.clone();
    }
    specific(error).unwrap_or_else(|| from_status(status)).with_source(error.to_string()).into()
}

/// The catalogue's error for a bare status, with the headers it must have.
#[must_use]
pub fn from_status(status: StatusCode) -> Error {
    let kind = ErrorKind::from_status(status.as_u16());
    let error = match kind {
        ErrorKind::Unauthorized => Error::unauthorized(kind.entry().message),
        ErrorKind::RateLimited | ErrorKind::ServiceUnavailable => {
            Error::from(kind).with_retry_after(RETRY_AFTER)
        }
        kind => Error::from(kind),
    };
    error.with_status(status.as_u16())
}

fn specific(error: &actix_web::Error) -> Option<Error> {
    None.or_else(|| error.as_error().map(json))
        .or_else(|| error.as_error().map(form))
        .or_else(|| error.as_error().map(payload))
        .or_else(|| error.as_error().map(query))
        .or_else(|| error.as_error().map(path))
        .or_else(|| error.as_error().map(content_type))
        .or_else(|| error.as_error().map(lines))
        .or_else(|| error.as_error().map(blocking))
}

fn json(error: &JsonPayloadError) -> Error {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => too_large(),
        JsonPayloadError::ContentType => wrong_type("application/json"),
        JsonPayloadError::Deserialize(error) if error.classify() == Category::Data => {
            invalid("invalid_body", "does not have the documented shape")
        }
        JsonPayloadError::Deserialize(_) => Error::bad_request("The body is not valid JSON"),
        JsonPayloadError::Payload(error) => payload(error),
        // The answer could not be written, which is no fault of the client's.
        error => by_own_status(error),
    }
}

fn form(error: &UrlencodedError) -> Error {
    match error {
        UrlencodedError::Overflow { .. } => too_large(),
        UrlencodedError::ContentType => wrong_type("application/x-www-form-urlencoded"),
        UrlencodedError::Parse(_) => invalid("invalid_body", "does not have the documented shape"),
        UrlencodedError::Payload(error) => payload(error),
        error => by_own_status(error),
    }
}

/// A body that could not be read to its end.
pub(crate) fn payload(error: &PayloadError) -> Error {
    match error {
        PayloadError::Overflow => too_large(),
        PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            Error::new(ErrorKind::Timeout, "The body did not arrive in time").with_status(408)
        }
        PayloadError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Error::bad_request("The body is not what its Content-Encoding says")
        }
        PayloadError::Io(error) if error.kind() == io::ErrorKind::ResourceBusy => Error::unavailable(
            "The server is decompressing as many bodies as it can; an uncompressed one need not wait",
            RETRY_AFTER,
        ),
        PayloadError::EncodingCorrupted => Error::bad_request("The body's transfer coding is broken"),
        _ => Error::bad_request("The body ended before it was complete"),
    }
}

fn query(_: &QueryPayloadError) -> Error {
    invalid("invalid_query", "does not have the documented parameters")
}

fn path(_: &PathError) -> Error {
    invalid("invalid_path", "does not have the documented shape")
}

fn content_type(_: &ContentTypeError) -> Error {
    Error::unsupported_media_type("The Content-Type cannot be read")
}

fn lines(error: &ReadlinesError) -> Error {
    match error {
        ReadlinesError::LimitOverflow => too_large(),
        ReadlinesError::Payload(error) => payload(error),
        ReadlinesError::ContentTypeError(error) => content_type(error),
        error => by_own_status(error),
    }
}

fn blocking(_: &BlockingError) -> Error {
    Error::unavailable(ErrorKind::ServiceUnavailable.entry().message, RETRY_AFTER)
}

fn by_own_status(error: &impl ResponseError) -> Error {
    from_status(error.status_code())
}

/// 413.
pub(crate) fn too_large() -> Error {
    Error::payload_too_large("The body is over the limit")
}

/// 415 with what would be taken (RFC 9110 §15.5.16).
pub(crate) fn wrong_type(accepted: &'static str) -> Error {
    Error::unsupported_media_type(format!("The Content-Type must be {}", accepted.replace(", ", " or ")))
        .with_header("accept", accepted)
}

/// 422 where actix-web tells what is wrong and not at which field.
fn invalid(code: &'static str, message: &'static str) -> Error {
    FieldError::unplaced(code, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(error: impl Into<actix_web::Error>) -> Rejection {
        let error = error.into();
        let status = error.as_response_error().status_code();
        from_actix(&error, status)
    }

    #[test]
    fn bodies_that_cannot_be_taken_have_their_own_kinds() {
        let not_json = serde_json::from_str::<Vec<u8>>("[").unwrap_err();
        let not_a_number = serde_json::from_str::<u8>("\"x\"").unwrap_err();
        for (error, status) in [
            (converted(JsonPayloadError::Overflow { limit: 1 }), 413),
            (converted(JsonPayloadError::ContentType), 415),
            (converted(JsonPayloadError::Deserialize(not_json)), 400),
            (converted(JsonPayloadError::Deserialize(not_a_number)), 422),
            (converted(UrlencodedError::UnknownLength), 400),
            (converted(UrlencodedError::Overflow { size: 2, limit: 1 }), 413),
            (converted(PayloadError::Incomplete(None)), 400),
            (converted(PayloadError::Io(io::ErrorKind::TimedOut.into())), 408),
            (converted(PayloadError::Io(io::ErrorKind::ResourceBusy.into())), 503),
            (converted(ContentTypeError::UnknownEncoding), 415),
            (converted(ReadlinesError::LimitOverflow), 413),
        ] {
            assert_eq!(error.error().status(), status, "{error:?}");
        }
    }

    #[test]
    fn the_framework_s_words_are_for_the_log_only() {
        let not_json = serde_json::from_str::<Vec<u8>>("[").unwrap_err();
        let error = converted(JsonPayloadError::Deserialize(not_json));
        let error = error.error();
        assert_eq!(error.message(), "The body is not valid JSON");
        assert!(error.causes().any(|cause| cause.contains("column")), "{error:?}");
    }

    #[test]
    fn a_bare_status_brings_the_headers_it_must_have() {
        let has = |status, name: &str| {
            from_status(StatusCode::from_u16(status).unwrap()).headers().any(|(present, _)| present == name)
        };
        assert!(has(401, "www-authenticate") && has(429, "retry-after") && has(503, "retry-after"));
    }

    #[test]
    fn every_status_of_an_error_has_a_row() {
        for code in 400..600 {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(from_status(status).status() / 100, code / 100, "{code}");
        }
    }
}
