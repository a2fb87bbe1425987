//! Where a connection stands within its requests.

use actix_http::StatusCode;

use super::{
    chunks::{Chunks, End},
    head::{Head, Scanned},
};
use crate::exchange::{BodyFailure, Exchange, Framing};

/// What of a request has arrived.
pub(super) enum Stage {
    /// A part of the head.
    Head(Head),
    /// The whole head; actix-http has not called the application yet.
    HeadComplete,
    /// The head, and a part of the body.
    Body(Body),
    /// All of it; its response is not over.
    Complete,
    /// A body that nobody knows the end of; its response is not over.
    Malformed,
    /// All that there will be.
    Over,
}

pub(super) enum Body {
    /// So many bytes are missing.
    Sized(u64),
    Chunked(Chunks),
    /// It ends with the connection.
    Unbounded,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Head(Head::default())
    }
}

impl Stage {
    /// Follows what the application's side has done since.
    pub(super) fn advance(&mut self, exchange: &Exchange) {
        if let Self::HeadComplete = self
            && let Some(framing) = exchange.takes_framing()
        {
            *self = match framing {
                Framing::Nothing => Self::Complete,
                Framing::Sized(length) => Self::Body(Body::Sized(length)),
                Framing::Chunked => Self::Body(Body::Chunked(Chunks::default())),
                Framing::Unbounded => Self::Body(Body::Unbounded),
            };
        }
        match self {
            Self::Complete if !exchange.is_serving() => *self = Self::default(),
            Self::Malformed if !exchange.is_serving() => *self = Self::Over,
            _ => {}
        }
    }

    /// Whether actix-http should take it that the client has no more to say.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Whether actix-http must not have more.
    pub(super) const fn is_closed(&self) -> bool {
        matches!(self, Self::HeadComplete | Self::Complete | Self::Malformed)
    }

    /// How many of these bytes actix-http may have now.
    ///
    /// # Errors
    /// The status of the answer to a head that is too large or malformed.
    pub(super) fn admit(&mut self, bytes: &[u8], exchange: &Exchange) -> Result<usize, StatusCode> {
        match self {
            Self::HeadComplete | Self::Complete | Self::Malformed | Self::Over => Ok(0),
            Self::Head(head) => {
                exchange.head_begins();
                match head.scan(bytes)? {
                    Scanned::Incomplete => Ok(bytes.len()),
                    Scanned::Complete(end) => {
                        *self = Self::HeadComplete;
                        Ok(end)
                    }
                }
            }
            Self::Body(body) => {
                let (length, end) = body.take(bytes);
                match end {
                    None => {}
                    // actix-http closes a connection whose response was over before a body of known length was.
                    Some(End::Complete) if matches!(body, Body::Sized(_)) && !exchange.is_serving() => {
                        exchange.body_end();
                        *self = Self::Body(Body::Unbounded);
                    }
                    Some(End::Complete) => {
                        exchange.body_end();
                        *self = Self::Complete;
                    }
                    Some(End::Malformed) => {
                        exchange.body_end();
                        exchange.body_fails(BodyFailure::Malformed);
                        *self = Self::Malformed;
                    }
                }
                Ok(length)
            }
        }
    }
}

impl Body {
    /// How many of these bytes belong to it, and whether it ends with them.
    fn take(&mut self, bytes: &[u8]) -> (usize, Option<End>) {
        match self {
            Self::Unbounded => (bytes.len(), None),
            Self::Chunked(chunks) => chunks.take(bytes),
            Self::Sized(missing) => {
                let length =
                    usize::try_from(*missing).map_or(bytes.len(), |missing| missing.min(bytes.len()));
                *missing = missing.saturating_sub(length as u64);
                (length, (*missing == 0).then_some(End::Complete))
            }
        }
    }
}
