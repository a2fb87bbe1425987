//! How the end of a request's body is found.

use actix_http::{
    HttpMessage, Payload, Request,
    header::{CONTENT_LENGTH, HeaderValue, UPGRADE},
};

/// What ends a request's body, as actix-http has decided it (`h1/decoder.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is no body.
    Nothing,
    /// So many bytes.
    Sized(u64),
    /// Its last chunk.
    Chunked,
    /// The end of the connection: after an upgrade, what follows is no longer HTTP.
    Unbounded,
}

impl Framing {
    /// That of a request whose payload nobody has taken yet.
    pub(crate) fn of(request: &mut Request) -> Self {
        if matches!(request.payload(), Payload::None) {
            return Self::Nothing;
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
        // A length of nothing leaves no payload, but after CONNECT, whose tunnel ends with the connection.
        length.filter(|length| *length > 0).map_or(Self::Unbounded, Self::Sized)
    }
}
