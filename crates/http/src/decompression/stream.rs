//! A body that is decompressed as it is read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{dev::Payload, error::PayloadError};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;

use super::decoder::{Damaged, Decoder, Progress};

/// How many pieces come out before other connections of the worker get a turn: a few hundred KiB, 1 ms.
const PIECES_PER_TURN: u8 = 8;

/// What comes out of a compressed body; an error when it is damaged, or when more comes out than allowed.
pub(super) struct Decompressed {
    body: Payload,
    decoder: Decoder,
    input: Bytes,
    progress: Progress,
    /// How many more bytes may come out.
    left: usize,
    pieces: u8,
    done: bool,
}

impl Decompressed {
    pub(super) fn new(body: Payload, decoder: Decoder, limit: usize) -> Self {
        let (input, progress) = (Bytes::new(), Progress::Hungry);
        Self { body, decoder, input, progress, left: limit, pieces: 0, done: false }
    }

    /// The next piece, which may be empty.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<BytesMut, PayloadError>> {
        let mut output = BytesMut::new();
        if self.progress == Progress::Hungry && self.input.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(cx)).transpose()? {
                Some(input) => self.input = input,
                None => {
                    self.done = true;
                    self.decoder.finish(&mut output).map_err(damaged)?;
                    return Poll::Ready(Ok(output));
                }
            }
        }
        self.progress = self.decoder.step(&mut self.input, &mut output).map_err(damaged)?;
        Poll::Ready(Ok(output))
    }

    fn count(&mut self, piece: &BytesMut) -> Result<(), PayloadError> {
        self.left = self.left.checked_sub(piece.len()).ok_or(PayloadError::Overflow)?;
        Ok(())
    }
}

impl Stream for Decompressed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.done {
            if this.pieces == PIECES_PER_TURN {
                this.pieces = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            this.pieces += 1;
            let piece = ready!(this.poll_piece(cx)).and_then(|piece| this.count(&piece).map(|()| piece));
            match piece {
                Ok(piece) if piece.is_empty() => {}
                Ok(piece) => return Poll::Ready(Some(Ok(piece.freeze()))),
                Err(error) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}

fn damaged(_: Damaged) -> PayloadError {
    PayloadError::Io(io::ErrorKind::InvalidData.into())
}
