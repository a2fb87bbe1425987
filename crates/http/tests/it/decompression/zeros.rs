//! Bombs: few bytes that stand for very many. To make one takes no longer than it takes to repeat a block.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};

const MIB: usize = 1024 * 1024;

/// A gzip file that begins with so many MiB of zeros; its end, which nobody should ever reach, is missing.
pub(crate) fn gzip(mebibytes: usize) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(64 * 1024);
    compress.compress_vec(&vec![0; MIB], &mut block, FlushCompress::Full).unwrap();
    file.extend(block.repeat(mebibytes));
    file
}

/// A brotli stream of so many MiB of zeros.
pub(crate) fn brotli(mebibytes: usize) -> Vec<u8> {
    let mut encoder = ::brotli::CompressorWriter::new(Vec::new(), 4_096, 1, 22);
    let mut ends = Vec::new();
    for _ in 0..3 {
        encoder.write_all(&vec![0; MIB]).unwrap();
        encoder.flush().unwrap();
        ends.push(encoder.get_ref().len());
    }
    let blocks = encoder.get_ref();
    let repeated = &blocks[ends[1]..ends[2]];
    let mut stream = blocks.clone();
    stream.extend(repeated.repeat(mebibytes - 3));
    // The last and empty meta-block (RFC 7932 §9.2).
    stream.push(3);
    stream
}

#[test]
fn they_are_small() {
    assert!(gzip(1_024).len() < 2 * MIB && brotli(1_024).len() < MIB / 4);
}
