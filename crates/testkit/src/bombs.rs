//! Compressed data that stands for far more than it is.
//!
//! The compressed form of one MiB of zeros is repeated, so that a bomb of any size is made at once.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};

const MIB: usize = 1024 * 1024;

/// A gzip file that begins with so many MiB of zeros, 1,000 bytes each. Its end is missing: whoever gets there has
/// gone too far.
#[must_use]
pub fn gzip(mebibytes: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(MIB);
    let done = compress.compress_vec(&vec![0; MIB], &mut block, FlushCompress::Full);
    debug_assert!(done.is_ok(), "there is room for all of it");
    // RFC 1952 §2.3: magic, deflate, no flags, no time, unknown system.
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [&head[..], &block.repeat(mebibytes)].concat()
}

/// A brotli stream of so many MiB of zeros, at least three, a dozen bytes each.
#[must_use]
pub fn brotli(mebibytes: usize) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 1, 22);
    let mut mebibyte = || {
        let start = encoder.get_ref().len();
        // Writing to memory does not fail.
        let _ = encoder.write_all(&vec![0; MIB]).and_then(|()| encoder.flush());
        encoder.get_ref().get(start..).unwrap_or_default().to_vec()
    };
    // The first has the head, the second is the first without; from then on they are all alike.
    let (first, second, third) = (mebibyte(), mebibyte(), mebibyte());
    // The last, empty meta-block (RFC 7932 §9.2).
    let end = vec![0b11];
    [first, second, third.repeat(mebibytes.saturating_sub(2)), end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_small_and_hold_what_they_say() {
        let mut out = Vec::new();
        let mut stream = &*brotli(20);
        brotli::BrotliDecompress(&mut stream, &mut out).unwrap();
        assert_eq!(out, vec![0; 20 * MIB]);
        assert!(brotli(1_024).len() < MIB / 4 && gzip(1_024).len() < 2 * MIB);
    }
}
