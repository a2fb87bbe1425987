//! Gives actix-http one request at a time.
//!
//! By itself actix-http decodes all pipelined requests that have arrived, while it still serves the first. It keeps
//! method, version and `Connection` only once for all of them, so a `GET` with a `HEAD` behind it loses its body. It also
//! panics at a header name that is too long for the crate `http`, and then the responses before it are lost.
//!
//! So this module finds the end of each head and body in the same way as actix-http, holds the following bytes back until
//! the response has ended, and rejects a head that is too large before actix-http sees its end. At a malformed chunk
//! actix-http would drop the connection without a response. This module holds such a chunk back: the reader of the body
//! gets an error, and the connection closes after the response. actix-http stays the only parser of everything else. This
//! module decides when actix-http gets the bytes, not what they mean.

mod chunks;
mod head;
mod stage;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_http::StatusCode;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use crate::connection_state::ConnectionState;
use stage::Stage;

/// The receiving side of a connection.
#[derive(Default)]
pub(super) struct Inbound {
    stage: Stage,
    /// Bytes received behind the current request, at most those of one read.
    held: BytesMut,
    /// Whether the last read returned nothing although bytes are held.
    reader_blocked: bool,
}

/// The outcome of a read.
pub(super) enum Read {
    /// The buffer holds the bytes for actix-http. No new bytes mean the end of the stream.
    Bytes,
    /// The request is rejected with this status.
    Rejected(StatusCode),
}

impl Inbound {
    /// Reads the bytes that actix-http may have now.
    pub(super) fn poll_read(
        &mut self,
        transport: &mut (impl AsyncRead + Unpin),
        connection: &ConnectionState,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Read>> {
        self.stage.advance(connection);
        if self.stage.is_closed() {
            return Poll::Ready(Ok(Read::Bytes));
        }
        let admitted = if self.held.is_empty() {
            let before = buf.filled().len();
            ready!(Pin::new(transport).poll_read(cx, buf))?;
            let new = buf.filled().get(before..).unwrap_or_default();
            if new.is_empty() {
                return Poll::Ready(Ok(Read::Bytes));
            }
            let admitted = self.stage.admit(new, connection);
            let length = admitted.unwrap_or(0);
            self.held.extend_from_slice(new.get(length..).unwrap_or_default());
            buf.set_filled(before + length);
            admitted
        } else {
            let window = self.held.get(..buf.remaining()).unwrap_or(&self.held);
            let admitted = self.stage.admit(window, connection);
            let length = admitted.unwrap_or(0);
            buf.put_slice(window.get(..length).unwrap_or_default());
            self.held.advance(length);
            admitted
        };
        self.reader_blocked = admitted == Ok(0);
        match admitted {
            Ok(0) => Poll::Pending,
            Ok(_) => Poll::Ready(Ok(Read::Bytes)),
            Err(status) => Poll::Ready(Ok(Read::Rejected(status))),
        }
    }

    /// Whether a blocked read can continue. True once per blocked read; the caller wakes the reader.
    pub(super) fn unblocks_reader(&mut self, connection: &ConnectionState) -> bool {
        if !self.reader_blocked {
            return false;
        }
        self.stage.advance(connection);
        self.reader_blocked = self.stage.is_blocked();
        !self.reader_blocked
    }

    /// Whether received bytes are still held.
    pub(super) fn has_held_bytes(&self) -> bool {
        !self.held.is_empty()
    }
}
