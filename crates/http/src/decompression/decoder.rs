//! Decoders that give a piece at a time, however much they could.

use std::io::Write as _;

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::StandardAlloc};
use bytes::{Buf as _, Bytes, BytesMut};
use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};

/// The most bytes that come out in one step, or a little more: some 0.1 ms of work.
pub(super) const STEP: usize = 32 * 1_024;

/// A content coding (RFC 9110 §8.4.1) that is being undone.
pub(super) enum Decoder {
    /// Its decoder checks head, checksum and length, and takes the members of a file one after another
    /// (RFC 1952 §2.2).
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// The zlib format, whatever the name says (RFC 9110 §8.4.1.2).
    Deflate {
        inflate: Decompress,
        ended: bool,
    },
    Brotli {
        state: Box<Brotli>,
        ended: bool,
    },
}

type Brotli = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// The data is not what its coding says, or it breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

/// What a step has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to come out.
    More,
    /// It waits for input.
    Hungry,
}

impl Decoder {
    pub(super) fn gzip() -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
    }

    pub(super) fn deflate() -> Self {
        Self::Deflate { inflate: Decompress::new(true), ended: false }
    }

    /// Only windows of up to 16 MiB, as the coding has them (RFC 7932 §9.1); the library's other constructor
    /// takes gigabytes. It fills a window before it gives anything, so a body may cost that much memory.
    pub(super) fn brotli() -> Self {
        let (u8s, u32s, codes) = Default::default();
        Self::Brotli { state: Box::new(BrotliState::new_strict(u8s, u32s, codes)), ended: false }
    }

    /// Takes from the front of `input` what it can, and gives up to about [`STEP`] bytes.
    pub(super) fn step(&mut self, input: &mut Bytes, output: &mut BytesMut) -> Result<Progress, Damaged> {
        match self {
            Self::Gzip(decoder) => gzip(decoder, input, output),
            Self::Deflate { inflate, ended } => deflate(inflate, ended, input, output),
            Self::Brotli { state, ended } => brotli(state, ended, input, output),
        }
    }

    /// Gives the rest when all input has been taken.
    pub(super) fn finish(&mut self, output: &mut BytesMut) -> Result<(), Damaged> {
        match self {
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(|_| Damaged)?;
                output.extend_from_slice(&std::mem::take(decoder.get_mut()));
                Ok(())
            }
            Self::Deflate { ended: true, .. } | Self::Brotli { ended: true, .. } => Ok(()),
            Self::Deflate { .. } | Self::Brotli { .. } => Err(Damaged),
        }
    }
}

fn gzip(
    decoder: &mut MultiGzDecoder<Vec<u8>>,
    input: &mut Bytes,
    output: &mut BytesMut,
) -> Result<Progress, Damaged> {
    // One call decodes at most the 32 KiB of the decoder's own buffer.
    while !input.is_empty() && decoder.get_ref().len() < STEP {
        match decoder.write(input).map_err(|_| Damaged)? {
            0 => return Err(Damaged),
            taken => input.advance(taken),
        }
    }
    output.extend_from_slice(decoder.get_ref());
    decoder.get_mut().clear();
    Ok(if input.is_empty() { Progress::Hungry } else { Progress::More })
}

fn deflate(
    inflate: &mut Decompress,
    ended: &mut bool,
    input: &mut Bytes,
    output: &mut BytesMut,
) -> Result<Progress, Damaged> {
    if *ended {
        return after_the_end(input);
    }
    let (taken, given) = (inflate.total_in(), inflate.total_out());
    output.resize(STEP, 0);
    let status = inflate.decompress(input, output, FlushDecompress::None).map_err(|_| Damaged)?;
    let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
    input.advance(count(inflate.total_in(), taken).min(input.len()));
    output.truncate(count(inflate.total_out(), given));
    *ended = status == Status::StreamEnd;
    if *ended {
        return after_the_end(input);
    }
    Ok(if input.is_empty() && output.len() < STEP { Progress::Hungry } else { Progress::More })
}

fn brotli(
    state: &mut Brotli,
    ended: &mut bool,
    input: &mut Bytes,
    output: &mut BytesMut,
) -> Result<Progress, Damaged> {
    if *ended {
        return after_the_end(input);
    }
    output.resize(STEP, 0);
    let (mut left, mut taken, mut room, mut given, mut total) = (input.len(), 0, STEP, 0, 0);
    let result = BrotliDecompressStream(
        &mut left, &mut taken, input, &mut room, &mut given, output, &mut total, state,
    );
    input.advance(taken.min(input.len()));
    output.truncate(given);
    match result {
        BrotliResult::ResultSuccess => {
            *ended = true;
            after_the_end(input)
        }
        BrotliResult::NeedsMoreInput => Ok(Progress::Hungry),
        BrotliResult::NeedsMoreOutput => Ok(Progress::More),
        BrotliResult::ResultFailure => Err(Damaged),
    }
}

/// Nothing may follow: it would be read by one side only.
fn after_the_end(input: &Bytes) -> Result<Progress, Damaged> {
    if input.is_empty() { Ok(Progress::Hungry) } else { Err(Damaged) }
}
