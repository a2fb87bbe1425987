//! What the head of a request tells of its body.

use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

/// The length of a body, as far as its head tells (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announced {
    Nothing,
    Length(usize),
    Unknown,
}

impl Announced {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if headers.contains_key(TRANSFER_ENCODING) {
            return Self::Unknown;
        }
        match headers.get(CONTENT_LENGTH).map(|value| value.to_str().ok().and_then(|text| text.parse().ok()))
        {
            None | Some(Some(0)) => Self::Nothing,
            Some(length) => length.map_or(Self::Unknown, Self::Length),
        }
    }
}
