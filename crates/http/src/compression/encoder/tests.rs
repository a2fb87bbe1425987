use std::io::{Read as _, Write as _};

use ::brotli::BrotliDecompress;
use flate2::read::MultiGzDecoder;
use proptest::prelude::*;

use super::*;

const CODINGS: [ContentEncoding; 3] = [ContentEncoding::Gzip, ContentEncoding::Brotli, ContentEncoding::Zstd];

fn decoded(coding: ContentEncoding, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        ContentEncoding::Gzip => drop(MultiGzDecoder::new(data).read_to_end(&mut out).unwrap()),
        ContentEncoding::Brotli => BrotliDecompress(&mut &*data, &mut out).unwrap(),
        _ => ::zstd::stream::copy_decode(data, &mut out).unwrap(),
    }
    out
}

/// What can be read of a body that has not ended yet.
fn decoded_so_far(coding: ContentEncoding, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        ContentEncoding::Gzip => {
            let mut decoder = flate2::write::GzDecoder::new(&mut out);
            decoder.write_all(data).unwrap();
            decoder.flush().unwrap();
            drop(decoder);
        }
        ContentEncoding::Brotli => {
            let mut decoder = ::brotli::Decompressor::new(data, 4_096);
            // It reads to the error that tells that the end is missing.
            let _ = decoder.read_to_end(&mut out);
        }
        _ => {
            let mut decoder = ::zstd::stream::write::Decoder::new(&mut out).unwrap();
            decoder.write_all(data).unwrap();
            decoder.flush().unwrap();
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_pieces_and_flushes_are_read_back(
        pieces in prop::collection::vec(("[ab]{0,9000}|.{0,300}", any::<bool>()), 0..6),
        once: bool,
        is_known: bool,
    ) {
        let whole: Vec<u8> = pieces.iter().flat_map(|(piece, _)| piece.bytes()).collect();
        let effort = if once { Effort::Once } else { Effort::EachTime };
        for coding in CODINGS {
            let mut encoder = Encoder::new(coding, effort, is_known.then_some(whole.len())).unwrap();
            // The second time with what is kept of the first.
            for _ in 0..2 {
                let (mut out, mut written) = (Vec::new(), Vec::new());
                for (piece, is_flushed) in &pieces {
                    encoder.write(piece.as_bytes(), &mut out).unwrap();
                    written.extend_from_slice(piece.as_bytes());
                    if *is_flushed {
                        encoder.flush(&mut out).unwrap();
                        prop_assert!(decoded_so_far(coding, &out) == written, "{coding:?}");
                    }
                }
                encoder.finish(&[], &mut out).unwrap();
                prop_assert!(decoded(coding, &out) == whole, "{coding:?}");
                encoder = encoder
                    .restarted(whole.len())
                    .unwrap_or_else(|| Encoder::new(coding, effort, Some(whole.len())).unwrap());
            }
        }
    }
}

#[test]
fn a_body_is_written_at_once_too() {
    for coding in CODINGS {
        for size in [0, 1, 100_000] {
            let (body, mut out) = (vec![b'x'; size], Vec::new());
            Encoder::new(coding, Effort::EachTime, Some(size)).unwrap().finish(&body, &mut out).unwrap();
            assert_eq!(decoded(coding, &out), body, "{coding:?}");
        }
    }
}

#[test]
fn a_zstd_encoder_takes_no_more_memory_than_is_said() {
    let data: Vec<u8> =
        (0_u32..500_000).flat_map(|number| number.wrapping_mul(0x9e37_79b1).to_le_bytes()).collect();
    for effort in [Effort::EachTime, Effort::Once] {
        for size in [None, Some(data.len())] {
            let mut encoder = Zstd::new(effort, size).unwrap();
            data.chunks(32 * 1024).for_each(|piece| encoder.run(piece, Flush::No, &mut Vec::new()).unwrap());
            let memory = encoder.memory_in_use();
            assert!(memory <= Zstd::MEMORY, "{effort:?}, {size:?}: {} KiB", memory / 1024);
        }
    }
}

#[test]
fn other_codings_are_not_written() {
    assert!(Encoder::new(ContentEncoding::Deflate, Effort::EachTime, None).is_err());
}
