//! Follows how much of the current request has arrived.

use actix_http::StatusCode;

use super::{
    chunks::{Chunks, End},
    head::{Head, Scanned},
};
use crate::connection_state::{BodyFailure, ConnectionState, Framing};

/// How much of the current request has arrived.
pub(super) enum Stage {
    /// Part of the head.
    Head(Head),
    /// The whole head. actix-http has not called the application yet.
    HeadComplete,
    /// The head and part of the body.
    Body(Body),
    /// The whole request. Its response has not ended.
    Complete,
    /// A malformed body, whose end is unknown. The response has not ended.
    Malformed,
    /// The last request of the connection has ended.
    Closed,
}

pub(super) enum Body {
    /// This many bytes are missing.
    Sized(u64),
    Chunked(Chunks),
    /// Until the connection closes.
    Unbounded,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Head(Head::default())
    }
}

impl Stage {
    /// Updates the stage from the state of the application's side.
    pub(super) fn advance(&mut self, connection: &ConnectionState) {
        if let Self::HeadComplete = self
            && let Some(framing) = connection.take_framing()
        {
            *self = match framing {
                Framing::Empty => Self::Complete,
                Framing::Sized(length) => Self::Body(Body::Sized(length)),
                Framing::Chunked => Self::Body(Body::Chunked(Chunks::default())),
                Framing::Unbounded => Self::Body(Body::Unbounded),
            };
        }
        match self {
            Self::Complete if !connection.is_serving() => *self = Self::default(),
            Self::Malformed if !connection.is_serving() => *self = Self::Closed,
            _ => {}
        }
    }

    /// Whether actix-http should see the end of the stream.
    pub(super) const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Whether actix-http must not receive bytes now.
    pub(super) const fn is_blocked(&self) -> bool {
        matches!(self, Self::HeadComplete | Self::Complete | Self::Malformed)
    }

    /// Returns how many of these bytes actix-http may have now.
    ///
    /// # Errors
    /// The status for a head that is too large or malformed.
    pub(super) fn admit(&mut self, bytes: &[u8], connection: &ConnectionState) -> Result<usize, StatusCode> {
        match self {
            Self::HeadComplete | Self::Complete | Self::Malformed | Self::Closed => Ok(0),
            Self::Head(head) => {
                connection.head_begins();
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
                    // actix-http closes a connection whose response ended before its body of known length.
                    Some(End::Complete) if matches!(body, Body::Sized(_)) && !connection.is_serving() => {
                        connection.body_end();
                        *self = Self::Body(Body::Unbounded);
                    }
                    Some(End::Complete) => {
                        connection.body_end();
                        *self = Self::Complete;
                    }
                    Some(End::Malformed) => {
                        connection.body_end();
                        connection.body_fails(BodyFailure::Malformed);
                        *self = Self::Malformed;
                    }
                }
                Ok(length)
            }
        }
    }
}

impl Body {
    /// Returns how many of these bytes belong to the body, and how it ended if it did.
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
