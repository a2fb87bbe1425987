//! Decoders that give a piece at a time, however much they could.

mod brotli;

use std::io::Write as _;

use actix_web::http::header::ContentEncoding;
use bytes::{Buf as _, Bytes, BytesMut};
use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};

use self::brotli::Brotli;

/// The most bytes that come out in one step, or a little more: some 0.1 ms of work.
pub(super) const STEP: usize = 32 * 1_024;

/// The most bytes that go in in one step: there may be many parts in them of which nothing comes out, such as empty
/// members of a gzip file.
const FEED: usize = 4 * 1_024;

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
    Brotli(Box<Brotli>),
}

/// Why there is nothing more to come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The data is not what its coding says, or it breaks off.
    Damaged,
    /// It says of itself that more comes out than is allowed.
    TooLarge,
}

/// What a step has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to come out, or input that was not looked at.
    More,
    /// It has used up its input.
    Hungry,
}

impl Decoder {
    /// A decoder for a body of at most `limit` bytes; `None` for a coding that is not undone here.
    pub(super) fn new(coding: ContentEncoding, limit: usize) -> Option<Self> {
        match coding {
            ContentEncoding::Gzip => Some(Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))),
            ContentEncoding::Deflate => Some(Self::Deflate { inflate: Decompress::new(true), ended: false }),
            ContentEncoding::Brotli => Some(Self::Brotli(Box::new(Brotli::new(limit)))),
            _ => None,
        }
    }

    /// The memory that such a decoder takes at most, in bytes.
    pub(super) fn memory(coding: ContentEncoding, limit: usize) -> usize {
        match coding {
            ContentEncoding::Brotli => Brotli::memory(limit),
            // A window of 32 KiB, tables, and what comes out in a step or two (RFC 1951 §2).
            _ => 128 * 1024,
        }
    }

    /// Takes from the front of `input` what it can, and gives up to about [`STEP`] bytes.
    pub(super) fn step(&mut self, input: &mut Bytes, output: &mut BytesMut) -> Result<Progress, Failure> {
        let feed = input.slice(..input.len().min(FEED));
        let (taken, progress) = match self {
            Self::Gzip(decoder) => gzip(decoder, &feed, output),
            Self::Deflate { inflate, ended } => deflate(inflate, ended, &feed, output),
            Self::Brotli(decoder) => decoder.step(&feed, output),
        }?;
        input.advance(taken.min(input.len()));
        Ok(if input.is_empty() { progress } else { Progress::More })
    }

    /// Gives the rest when all input has been taken.
    pub(super) fn finish(&mut self, output: &mut BytesMut) -> Result<(), Failure> {
        match self {
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(|_| Failure::Damaged)?;
                output.extend_from_slice(&std::mem::take(decoder.get_mut()));
                Ok(())
            }
            Self::Deflate { ended: true, .. } => Ok(()),
            Self::Brotli(decoder) if decoder.has_ended() => Ok(()),
            Self::Deflate { .. } | Self::Brotli(_) => Err(Failure::Damaged),
        }
    }
}

/// How much input was taken, and what comes next.
type Step = Result<(usize, Progress), Failure>;

fn gzip(decoder: &mut MultiGzDecoder<Vec<u8>>, input: &[u8], output: &mut BytesMut) -> Step {
    let mut left = input;
    // One call decodes at most the 32 KiB of the decoder's own buffer.
    while !left.is_empty() && decoder.get_ref().len() < STEP {
        match decoder.write(left).map_err(|_| Failure::Damaged)? {
            0 => return Err(Failure::Damaged),
            taken => left.advance(taken),
        }
    }
    output.extend_from_slice(decoder.get_ref());
    decoder.get_mut().clear();
    Ok((input.len() - left.len(), if left.is_empty() { Progress::Hungry } else { Progress::More }))
}

fn deflate(inflate: &mut Decompress, ended: &mut bool, input: &[u8], output: &mut BytesMut) -> Step {
    if *ended {
        return after_the_end(input, 0);
    }
    let (taken, given) = (inflate.total_in(), inflate.total_out());
    output.resize(STEP, 0);
    let status = inflate.decompress(input, output, FlushDecompress::None).map_err(|_| Failure::Damaged)?;
    let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
    let taken = count(inflate.total_in(), taken);
    output.truncate(count(inflate.total_out(), given));
    *ended = status == Status::StreamEnd;
    if *ended {
        return after_the_end(input, taken);
    }
    let is_hungry = taken == input.len() && output.len() < STEP;
    Ok((taken, if is_hungry { Progress::Hungry } else { Progress::More }))
}

/// Nothing may follow: it would be read by one side only.
fn after_the_end(input: &[u8], taken: usize) -> Step {
    if taken >= input.len() { Ok((taken, Progress::Hungry)) } else { Err(Failure::Damaged) }
}
