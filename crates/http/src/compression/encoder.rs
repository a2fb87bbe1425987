//! Content codings that are written a piece at a time, into memory of a known size.

mod brotli;
mod gzip;
mod zstd;

use std::io;

use actix_web::http::header::ContentEncoding;

use self::{brotli::Brotli, gzip::Gzip, zstd::Zstd};

/// How much work a body is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// It is compressed for one response.
    EachTime,
    /// It is compressed once and kept.
    Once,
}

/// What is to be done with the bytes that an encoder has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    /// Whatever makes the output smallest.
    No,
    /// All of it goes out now.
    Yes,
    /// It was the last of it.
    End,
}

/// An encoder of one content coding (RFC 9110 §8.4.1).
pub(super) enum Encoder {
    Gzip(Gzip),
    Brotli(Brotli),
    Zstd(Zstd),
}

impl Encoder {
    /// An encoder, for a body of `size` bytes if that is known. Nothing but gzip, brotli and zstd is written.
    pub(super) fn new(coding: ContentEncoding, effort: Effort, size: Option<usize>) -> io::Result<Self> {
        match coding {
            ContentEncoding::Gzip => Ok(Self::Gzip(Gzip::new())),
            ContentEncoding::Brotli => Ok(Self::Brotli(Brotli::new(effort, size))),
            ContentEncoding::Zstd => Zstd::new(effort, size).map(Self::Zstd),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The memory that such an encoder takes at most, in bytes; a test holds it to that.
    pub(super) const fn memory(coding: ContentEncoding, effort: Effort) -> usize {
        match coding {
            ContentEncoding::Brotli => Brotli::memory(effort),
            ContentEncoding::Zstd => Zstd::MEMORY,
            _ => Gzip::MEMORY,
        }
    }

    /// Takes all of `input` and appends what comes out so far.
    pub(super) fn write(&mut self, input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
        self.run(input, Flush::No, output)
    }

    /// Appends what can be decoded to all that was written.
    pub(super) fn flush(&mut self, output: &mut Vec<u8>) -> io::Result<()> {
        self.run(&[], Flush::Yes, output)
    }

    /// Takes the last `input` and appends the end.
    pub(super) fn finish(&mut self, input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
        self.run(input, Flush::End, output)
    }

    fn run(&mut self, input: &[u8], flush: Flush, output: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.run(input, flush, output),
            Self::Brotli(encoder) => encoder.run(input, flush, output),
            Self::Zstd(encoder) => encoder.run(input, flush, output),
        }
    }

    /// The same encoder for another body of `size` bytes; `None` where it cannot be used again.
    pub(super) fn restarted(mut self, size: usize) -> Option<Self> {
        let is_ready = match &mut self {
            Self::Gzip(encoder) => {
                encoder.restart();
                true
            }
            Self::Brotli(_) => false,
            Self::Zstd(encoder) => encoder.restart(size).is_ok(),
        };
        is_ready.then_some(self)
    }
}

/// How much output an encoder is asked for in one call.
const SCRATCH: usize = 8 * 1024;

#[cfg(test)]
mod tests;
