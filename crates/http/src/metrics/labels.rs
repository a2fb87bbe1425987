//! Label values, of which there is a bounded number.

use actix_web::http::Method;
use palisade_core::{Error, ErrorKind};

use crate::{error::PANICKED, text::Text};

/// The methods of RFC 9110 §9.3 and `PATCH` (RFC 5789); any other is `OTHER`.
pub(super) fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}

/// Three digits.
pub(super) fn status(status: u16) -> Text<5> {
    let mut text = Text::new();
    text.push_number(status.into());
    text
}

/// Why a request was refused that there was no time for.
pub(super) fn shed(error: &Error) -> Option<&'static str> {
    match error.reason()? {
        "load.shed" => Some("overload"),
        "surge.too_many_in_flight" => Some("surge"),
        _ => None,
    }
}

/// What kind of failure it is that nothing has foreseen.
pub(super) fn unhandled(error: &Error) -> Option<&'static str> {
    if error.kind() != ErrorKind::Internal {
        return None;
    }
    let panicked = error.causes().any(|cause| cause.starts_with(PANICKED));
    Some(if panicked { "panic" } else { "error" })
}
