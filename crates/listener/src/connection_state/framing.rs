//! The message framing of a request: how the end of its body is found (RFC 9112 §6).

use actix_http::{
    HttpMessage, Payload, Request,
    header::{CONTENT_LENGTH, HeaderValue, UPGRADE},
};

/// The framing of a request body, as actix-http decides it (`h1/decoder.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// No body.
    Empty,
    /// A body of this many bytes.
    Sized(u64),
    /// Chunked transfer encoding.
    Chunked,
    /// Until the connection closes. After an upgrade the bytes are no longer HTTP.
    Unbounded,
}

impl Framing {
    /// The framing of a request whose payload has not been taken yet.
    pub(crate) fn of(request: &mut Request) -> Self {
        if matches!(request.payload(), Payload::None) {
            return Self::Empty;
        }
        if request.chunked().unwrap_or(false) {
            return Self::Chunked;
        }
        let text = |value: &HeaderValue| value.to_str().ok().map(|text| text.trim().to_owned());
        let mut upgrades = request.headers().get_all(UPGRADE).filter_map(text);
        if upgrades.any(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
            return Self::Unbounded;
        }
        let length = request.headers().get(CONTENT_LENGTH).and_then(text);
        let length = length.and_then(|length| length.parse().ok());
        // With `Content-Length: 0`, actix-http gives a payload to CONNECT only, and ends it with the connection.
        length.filter(|length| *length > 0).map_or(Self::Unbounded, Self::Sized)
    }
}
