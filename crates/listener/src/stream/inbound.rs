//! Hands actix-http one request at a time.
//!
//! Left alone, actix-http decodes every request that has arrived while it still answers the first, and it keeps one
//! note of method, version and `Connection` for all of them: a `GET` with a `HEAD` behind it loses its body. It also
//! panics at a header name that is too long for `http`, which takes the answers before it along.
//!
//! So this part finds the end of each head and body as actix-http does, keeps what follows until the response is
//! over, and refuses a head that is too large before actix-http sees its end. A malformed chunk, at which actix-http
//! drops the connection and the answer with it, it keeps back: the reader of the body gets an error, and the connection
//! ends after the response. For all the rest actix-http stays the only parser: this part decides when it gets the
//! bytes, not what they mean.

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

use crate::exchange::Exchange;
use stage::Stage;

/// What has arrived on a connection, up to where actix-http may read.
#[derive(Default)]
pub(super) struct Inbound {
    stage: Stage,
    /// What arrived behind the request at hand: no more than one read brings.
    held: BytesMut,
    /// A read found nothing that it may have, but something that it may have later.
    reader_waits: bool,
}

/// What came of a read.
pub(super) enum Read {
    /// The buffer holds what actix-http may have; nothing new at the end of what the client sends.
    Bytes,
    /// The request must not go on; it is answered with this status.
    Refused(StatusCode),
}

impl Inbound {
    /// Reads what actix-http may have now.
    pub(super) fn poll_read(
        &mut self,
        transport: &mut (impl AsyncRead + Unpin),
        exchange: &Exchange,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Read>> {
        self.stage.advance(exchange);
        if self.stage.is_over() {
            return Poll::Ready(Ok(Read::Bytes));
        }
        let admitted = if self.held.is_empty() {
            let before = buf.filled().len();
            ready!(Pin::new(transport).poll_read(cx, buf))?;
            let new = buf.filled().get(before..).unwrap_or_default();
            if new.is_empty() {
                return Poll::Ready(Ok(Read::Bytes));
            }
            let admitted = self.stage.admit(new, exchange);
            let length = admitted.unwrap_or(0);
            self.held.extend_from_slice(new.get(length..).unwrap_or_default());
            buf.set_filled(before + length);
            admitted
        } else {
            let window = self.held.get(..buf.remaining()).unwrap_or(&self.held);
            let admitted = self.stage.admit(window, exchange);
            let length = admitted.unwrap_or(0);
            buf.put_slice(window.get(..length).unwrap_or_default());
            self.held.advance(length);
            admitted
        };
        self.reader_waits = admitted == Ok(0);
        match admitted {
            Ok(0) => Poll::Pending,
            Ok(_) => Poll::Ready(Ok(Read::Bytes)),
            Err(status) => Poll::Ready(Ok(Read::Refused(status))),
        }
    }

    /// Whether a read that found nothing would find something now; said once, to wake the reader.
    pub(super) fn reader_may_go_on(&mut self, exchange: &Exchange) -> bool {
        if !self.reader_waits {
            return false;
        }
        self.stage.advance(exchange);
        self.reader_waits = self.stage.is_closed();
        !self.reader_waits
    }

    /// Whether the client has sent something that nobody has read.
    pub(super) fn holds_something(&self) -> bool {
        !self.held.is_empty()
    }
}
