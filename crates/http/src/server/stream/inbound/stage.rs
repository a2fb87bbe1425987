//! Where a connection stands within its requests.

use actix_http::StatusCode;

use super::{
    chunks::Chunks,
    head::{Head, Scanned},
};
use crate::server::exchange::{Exchange, Framing};

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
        if let Self::Complete = self
            && !exchange.is_serving()
        {
            *self = Self::default();
        }
    }

    /// Whether actix-http must not have more.
    pub(super) const fn is_closed(&self) -> bool {
        matches!(self, Self::HeadComplete | Self::Complete)
    }

    /// How many of these bytes actix-http may have now.
    ///
    /// # Errors
    /// The status of the answer to a head that is too large.
    pub(super) fn admit(&mut self, bytes: &[u8], exchange: &Exchange) -> Result<usize, StatusCode> {
        match self {
            Self::HeadComplete | Self::Complete => Ok(0),
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
                let (length, is_complete) = body.take(bytes);
                if is_complete {
                    exchange.body_end();
                    // actix-http closes a connection whose response was over before a body of known length was.
                    let is_closing = matches!(body, Body::Sized(_)) && !exchange.is_serving();
                    *self = if is_closing { Self::Body(Body::Unbounded) } else { Self::Complete };
                }
                Ok(length)
            }
        }
    }
}

impl Body {
    /// How many of these bytes belong to it, and whether it is complete with them.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        match self {
            Self::Unbounded => (bytes.len(), false),
            Self::Chunked(chunks) => chunks.take(bytes),
            Self::Sized(missing) => {
                let length = usize::try_from(*missing).map_or(bytes.len(), |missing| missing.min(bytes.len()));
                *missing = missing.saturating_sub(length as u64);
                (length, *missing == 0)
            }
        }
    }
}
