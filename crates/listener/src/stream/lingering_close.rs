//! Lingering close: sends a final response so that the client can read it.
//!
//! When a socket is closed while received bytes are unread, the kernel resets the connection, and the client may lose the
//! final response. So after the response only the sending side is closed, and for a short time whatever arrives is read
//! and discarded (RFC 9112 §9.6).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::ReadBuf,
    time::{Sleep, sleep},
};

use crate::transport::Transport;

/// Time limit for the whole close.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How much is read and discarded, in bytes.
const MAX_DISCARDED: usize = 1_024 * 1_024;

/// A connection that is being closed.
pub(super) struct LingeringClose {
    response: Vec<u8>,
    written: usize,
    stage: Stage,
    discarded: usize,
    timeout: Pin<Box<Sleep>>,
}

enum Stage {
    Writing,
    Flushing,
    Closing,
    Discarding,
    Done,
}

impl LingeringClose {
    /// Closes a connection after `response`, which may be empty.
    pub(super) fn new(response: Vec<u8>) -> Self {
        Self { response, written: 0, stage: Stage::Writing, discarded: 0, timeout: Box::pin(sleep(TIMEOUT)) }
    }

    /// Ready when the connection may be dropped: closed, broken or timed out.
    pub(super) fn poll<T: Transport>(&mut self, transport: &mut T, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.stage, Stage::Done) {
            return Poll::Ready(());
        }
        if self.timeout.as_mut().poll(cx).is_pending() {
            ready!(self.step(Pin::new(transport), cx));
        }
        self.stage = Stage::Done;
        Poll::Ready(())
    }

    fn step<T: Transport>(&mut self, mut transport: Pin<&mut T>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.stage {
                Stage::Writing => match self.response.get(self.written..).unwrap_or_default() {
                    [] => self.stage = Stage::Flushing,
                    rest => match ready!(transport.as_mut().poll_write(cx, rest)) {
                        Ok(written) if written > 0 => self.written += written,
                        _ => return Poll::Ready(()),
                    },
                },
                Stage::Flushing => match ready!(transport.as_mut().poll_flush(cx)) {
                    Ok(()) => self.stage = Stage::Closing,
                    Err(_) => return Poll::Ready(()),
                },
                Stage::Closing => match ready!(transport.as_mut().poll_shutdown(cx)) {
                    Ok(()) => self.stage = Stage::Discarding,
                    Err(_) => return Poll::Ready(()),
                },
                Stage::Discarding => {
                    let mut bytes = [0; 4_096];
                    let mut buf = ReadBuf::new(&mut bytes);
                    let read = ready!(transport.as_mut().poll_read(cx, &mut buf));
                    self.discarded += buf.filled().len();
                    if read.is_err() || buf.filled().is_empty() || self.discarded > MAX_DISCARDED {
                        return Poll::Ready(());
                    }
                }
                Stage::Done => return Poll::Ready(()),
            }
        }
    }
}
