//! Bodies that come bit by bit.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

use super::{encoder::Encoder, whole::PIECE};
use crate::coders::Coder;

/// How many pieces are compressed before other connections of the worker get a turn.
const PIECES_PER_TURN: u8 = 8;

/// A body that is compressed as it comes. What has come goes out, at the latest when there is nothing more for now.
pub(super) struct Streamed {
    body: BoxBody,
    left: Bytes,
    encoder: Option<(Encoder, Coder)>,
    /// Whether the encoder keeps something back.
    is_behind: bool,
    pieces: u8,
}

type Piece = Result<Bytes, Box<dyn Error>>;

impl Streamed {
    pub(super) fn new(body: BoxBody, encoder: Encoder, coder: Coder) -> Self {
        Self { body, left: Bytes::new(), encoder: Some((encoder, coder)), is_behind: false, pieces: 0 }
    }

    /// The next output, which may be empty; nothing when the body has ended.
    fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        let Some((encoder, _)) = &mut self.encoder else { return Poll::Ready(None) };
        let mut output = Vec::new();
        let result = if self.left.is_empty() {
            match Pin::new(&mut self.body).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    self.left = chunk;
                    Ok(())
                }
                Poll::Ready(Some(Err(error))) => Err(error),
                Poll::Ready(None) => {
                    let end = encoder.finish(&[], &mut output);
                    self.encoder = None;
                    end.map_err(Into::into)
                }
                Poll::Pending if !self.is_behind => return Poll::Pending,
                Poll::Pending => {
                    self.is_behind = false;
                    encoder.flush(&mut output).map_err(Into::into)
                }
            }
        } else {
            let piece = self.left.split_to(self.left.len().min(PIECE));
            self.is_behind = true;
            self.pieces += 1;
            encoder.write(&piece, &mut output).map_err(Into::into)
        };
        Poll::Ready(Some(result.map(|()| output.into())))
    }
}

impl MessageBody for Streamed {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        let this = &mut *self;
        loop {
            if this.pieces == PIECES_PER_TURN {
                this.pieces = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match this.poll_output(cx) {
                Poll::Ready(Some(Ok(output))) if output.is_empty() => {}
                Poll::Ready(Some(Err(error))) => {
                    this.encoder = None;
                    return Poll::Ready(Some(Err(error)));
                }
                polled => return polled,
            }
        }
    }
}
