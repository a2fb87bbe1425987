//! Large bodies that are there as a whole.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use super::encoder::Encoder;
use crate::{coders::Coder, static_body::Claim};

/// How much is compressed before other connections of the worker get a turn: less than a millisecond of work.
pub(super) const PIECE: usize = 32 * 1024;

/// A body that is compressed to its end before any of it is given: so it holds an encoder for as long as that takes,
/// and not for as long as the client reads.
pub(super) struct Whole {
    left: Bytes,
    encoder: Option<(Encoder, Coder)>,
    claim: Option<Claim>,
    output: Vec<u8>,
    coded: Option<Bytes>,
}

impl Whole {
    pub(super) fn new(body: Bytes, encoder: Encoder, coder: Coder, claim: Option<Claim>) -> Self {
        Self { left: body, encoder: Some((encoder, coder)), claim, output: Vec::new(), coded: None }
    }

    /// Compresses the next piece. `true` while there is more to do.
    fn advance(&mut self, mut encoder: Encoder, coder: Coder) -> io::Result<bool> {
        let piece = self.left.split_to(self.left.len().min(PIECE));
        if !self.left.is_empty() {
            encoder.write(&piece, &mut self.output)?;
            self.encoder = Some((encoder, coder));
            return Ok(true);
        }
        encoder.finish(&piece, &mut self.output)?;
        self.output.shrink_to_fit();
        let coded = Bytes::from(std::mem::take(&mut self.output));
        if let Some(claim) = self.claim.take() {
            claim.made(coded.clone());
        }
        self.coded = Some(coded);
        Ok(false)
    }
}

impl MessageBody for Whole {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let this = &mut *self;
        if let Some((encoder, coder)) = this.encoder.take()
            && this.advance(encoder, coder)?
        {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(this.coded.take().map(Ok))
    }
}
