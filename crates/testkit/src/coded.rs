//! Bodies in the content codings that clients use.

use std::io::Write as _;

use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};

/// A gzip file with this in it.
#[must_use]
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}

/// A brotli stream with this in it, which declares the largest window there is.
#[must_use]
pub fn brotli(data: &[u8]) -> Vec<u8> {
    let mut encoder = CompressorWriter::new(Vec::new(), 4_096, 5, LARGEST_WINDOW);
    let _ = encoder.write_all(data);
    encoder.into_inner()
}

/// The same without its end: a decoder can read all of `data` and must wait for more.
#[must_use]
pub fn unfinished_brotli(data: &[u8]) -> Vec<u8> {
    let mut encoder = CompressorWriter::new(Vec::new(), 4_096, 5, LARGEST_WINDOW);
    let _ = encoder.write_all(data).and_then(|()| encoder.flush());
    encoder.get_ref().clone()
}

/// 16 MiB, in bits (RFC 7932 §9.1).
const LARGEST_WINDOW: u32 = 24;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn they_hold_what_was_put_in() {
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*gzip(b"text")).read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(b"text"), &mut out).unwrap();
        assert_eq!(out, b"text");
        let mut begun = [0; 4];
        brotli::Decompressor::new(&*unfinished_brotli(b"text"), 4_096).read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"text");
    }
}
