//! A body that is decompressed once it is there.

use std::{
    cell::RefCell,
    future::Future,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{dev::Payload, error::PayloadError, http::header::ContentEncoding};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;

use super::decoder::{Decoder, Failure, Progress};
use crate::coders::{Coder, Coders};

/// How many pieces come out before other connections of the worker get a turn: a few hundred KiB, 1 ms.
const PIECES_PER_TURN: u8 = 8;

/// The memory of a request's decoder and then that of its decoded body, held until the request is answered.
pub(super) type Memory = Rc<RefCell<Option<Coder>>>;

/// What comes out of a compressed body; an error when it is damaged, or when more comes out than allowed.
///
/// The body is collected first, as it would be if it were not compressed, and holds no decoder meanwhile: a client that
/// sends slowly takes nothing from others. Then it waits for memory, and is decoded without waiting for anybody.
pub(super) struct Decompressed {
    coding: ContentEncoding,
    limit: usize,
    coders: Coders,
    memory: Memory,
    state: State,
}

enum State {
    Collecting { body: Payload, collected: BytesMut },
    Waiting { collected: Bytes, turn: Pin<Box<dyn Future<Output = Option<Coder>>>> },
    Decoding(Decoding),
    Done,
}

impl Decompressed {
    pub(super) fn new(
        body: Payload,
        coding: ContentEncoding,
        limit: usize,
        coders: Coders,
        memory: Memory,
    ) -> Self {
        Self { coding, limit, coders, memory, state: State::Collecting { body, collected: BytesMut::new() } }
    }

    fn poll_state(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        loop {
            match &mut self.state {
                State::Collecting { body, collected } => {
                    match ready!(Pin::new(body).poll_next(cx)).transpose()? {
                        Some(chunk) if collected.len().saturating_add(chunk.len()) > self.limit => {
                            return Poll::Ready(Some(Err(PayloadError::Overflow)));
                        }
                        Some(chunk) => collected.extend_from_slice(&chunk),
                        None => {
                            let collected = std::mem::take(collected).freeze();
                            self.state = State::Waiting { collected, turn: self.turn() };
                        }
                    }
                }
                State::Waiting { collected, turn } => {
                    let Some(coder) = ready!(turn.as_mut().poll(cx)) else {
                        return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::ResourceBusy.into()))));
                    };
                    *self.memory.borrow_mut() = Some(coder);
                    let decoder =
                        Decoder::new(self.coding, self.limit).ok_or(PayloadError::EncodingCorrupted)?;
                    let input = std::mem::take(collected);
                    self.state = State::Decoding(Decoding::new(decoder, input));
                }
                State::Decoding(decoding) => {
                    let piece = ready!(decoding.poll_piece(self.limit, cx)).transpose();
                    if piece.is_none() {
                        if let Some(coder) = &mut *self.memory.borrow_mut() {
                            coder.shrink_to(decoding.given);
                        }
                        self.state = State::Done;
                    }
                    return Poll::Ready(piece);
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }

    fn turn(&self) -> Pin<Box<dyn Future<Output = Option<Coder>>>> {
        let (coders, memory) = (self.coders.clone(), Decoder::memory(self.coding, self.limit));
        let all = memory.saturating_add(self.limit);
        Box::pin(async move { coders.request(all).await })
    }
}

impl Stream for Decompressed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.poll_state(cx);
        if let Poll::Ready(Some(Err(_))) = polled {
            self.state = State::Done;
            self.memory.borrow_mut().take();
        }
        polled
    }
}

struct Decoding {
    decoder: Decoder,
    input: Bytes,
    /// How many bytes have come out.
    given: usize,
    is_finished: bool,
    pieces: u8,
}

impl Decoding {
    const fn new(decoder: Decoder, input: Bytes) -> Self {
        Self { decoder, input, given: 0, is_finished: false, pieces: 0 }
    }

    /// The next piece that is not empty; nothing at the end.
    fn poll_piece(
        &mut self,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, PayloadError>> {
        loop {
            if self.pieces == PIECES_PER_TURN {
                self.pieces = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.pieces += 1;
            let mut output = BytesMut::new();
            if self.is_finished {
                return Poll::Ready(Ok(None));
            }
            let progress = self.decoder.step(&mut self.input, &mut output).map_err(failed)?;
            if progress == Progress::Hungry {
                self.is_finished = true;
                self.decoder.finish(&mut output).map_err(failed)?;
            }
            if !output.is_empty() {
                self.given = self.given.saturating_add(output.len());
                let piece = (self.given <= limit).then(|| output.freeze());
                return Poll::Ready(piece.ok_or(PayloadError::Overflow).map(Some));
            }
        }
    }
}

fn failed(failure: Failure) -> PayloadError {
    match failure {
        Failure::Damaged => PayloadError::Io(io::ErrorKind::InvalidData.into()),
        Failure::TooLarge => PayloadError::Overflow,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
    use futures_util::{StreamExt as _, stream};
    use proptest::prelude::*;

    use super::*;

    fn encoded(coding: ContentEncoding, data: &[u8]) -> Vec<u8> {
        match coding {
            ContentEncoding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
            ContentEncoding::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
            _ => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 4, 24);
                encoder.write_all(data).unwrap();
                encoder.into_inner()
            }
        }
    }

    fn decompressed(coding: ContentEncoding, chunks: Vec<Bytes>) -> Result<Vec<u8>, PayloadError> {
        let body: Payload = Payload::Stream { payload: Box::pin(stream::iter(chunks.into_iter().map(Ok))) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut body = Decompressed::new(body, coding, 100_000, Coders::default(), Memory::default());
            let mut data = Vec::new();
            while let Some(piece) = body.next().await {
                data.extend_from_slice(&piece?);
            }
            Ok(data)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_chunks_of_a_body_are_decompressed(
            data in prop::collection::vec(any::<u8>(), 0..40_000),
            repeated in 1_usize..3,
            chunk in 1_usize..20_000,
        ) {
            let data = data.repeat(repeated);
            for coding in [ContentEncoding::Gzip, ContentEncoding::Deflate, ContentEncoding::Brotli] {
                let body = encoded(coding, &data);
                let chunks: Vec<_> = body.chunks(chunk).map(Bytes::copy_from_slice).collect();
                prop_assert!(decompressed(coding, chunks.clone()).unwrap() == data, "{coding:?}");
                let mut cut = chunks;
                let last = cut.pop().unwrap();
                cut.push(last.slice(..last.len() - 1));
                prop_assert!(decompressed(coding, cut).is_err(), "{coding:?} cut short");
            }
        }

        #[test]
        fn any_bytes_give_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            for coding in [ContentEncoding::Gzip, ContentEncoding::Deflate, ContentEncoding::Brotli] {
                let _ = decompressed(coding, vec![bytes.clone().into()]);
            }
        }
    }
}
