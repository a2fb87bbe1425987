//! The last words on a connection.
//!
//! A socket that is closed while bytes lie unread in it is reset, and the reset may overtake what was written
//! last: the client would see a broken connection instead of the answer. So after the last words the sending
//! half is closed, and for a moment whatever still arrives is read and thrown away (RFC 9112 §9.6).

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

/// How long the whole farewell may take.
const LIMIT: Duration = Duration::from_secs(2);
/// How much is read and thrown away, in bytes.
const MOST_DISCARDED: usize = 1_024 * 1_024;

/// Last words that are being said.
pub(super) struct Farewell {
    words: Vec<u8>,
    written: usize,
    stage: Stage,
    discarded: usize,
    limit: Pin<Box<Sleep>>,
}

enum Stage {
    Writing,
    Flushing,
    Closing,
    Discarding,
    Over,
}

impl Farewell {
    pub(super) fn new(words: Vec<u8>) -> Self {
        Self { words, written: 0, stage: Stage::Writing, discarded: 0, limit: Box::pin(sleep(LIMIT)) }
    }

    /// Goes on; ready when the connection may be dropped. A broken connection is simply over.
    pub(super) fn poll<T: Transport>(&mut self, transport: &mut T, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.stage, Stage::Over) {
            return Poll::Ready(());
        }
        if self.limit.as_mut().poll(cx).is_pending() {
            ready!(self.step(Pin::new(transport), cx));
        }
        self.stage = Stage::Over;
        Poll::Ready(())
    }

    fn step<T: Transport>(&mut self, mut transport: Pin<&mut T>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.stage {
                Stage::Writing => match self.words.get(self.written..).unwrap_or_default() {
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
                    if read.is_err() || buf.filled().is_empty() || self.discarded > MOST_DISCARDED {
                        return Poll::Ready(());
                    }
                }
                Stage::Over => return Poll::Ready(()),
            }
        }
    }
}
