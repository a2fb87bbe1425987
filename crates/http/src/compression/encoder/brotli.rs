//! `br` (RFC 7932), by the crate `brotli`.

use std::io;

use brotli::enc::{
    StandardAlloc,
    encode::{BrotliEncoderOperation, BrotliEncoderParameter as Parameter, BrotliEncoderStateStruct},
};

use super::{Effort, Flush, SCRATCH};

pub(in crate::compression) struct Brotli {
    state: Box<BrotliEncoderStateStruct<StandardAlloc>>,
}

/// The window in bits. At 16 and below the library chooses tables of 32 MiB for the better qualities.
const WINDOW: u32 = 17;

impl Brotli {
    /// The tables of quality 4 and above grow with the body, those of 3 and below do not.
    pub(super) const fn memory(effort: Effort) -> usize {
        match effort {
            Effort::EachTime => 1536 * 1024,
            Effort::Once => 4 * 1024 * 1024,
        }
    }

    pub(super) fn new(effort: Effort, size: Option<usize>) -> Self {
        let mut state = Box::new(BrotliEncoderStateStruct::new(StandardAlloc::default()));
        let quality = match effort {
            Effort::EachTime => 3,
            Effort::Once => 5,
        };
        let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0);
        for (parameter, value) in [
            (Parameter::BROTLI_PARAM_QUALITY, quality),
            (Parameter::BROTLI_PARAM_LGWIN, WINDOW),
            (Parameter::BROTLI_PARAM_SIZE_HINT, size),
        ] {
            // It refuses none before the first byte.
            state.set_parameter(parameter, value);
        }
        Self { state }
    }

    pub(super) fn run(&mut self, input: &[u8], flush: Flush, output: &mut Vec<u8>) -> io::Result<()> {
        let mut scratch = [0; SCRATCH];
        let (mut left, mut taken) = (input.len(), 0);
        loop {
            let (mut room, mut given) = (SCRATCH, 0);
            let operation = match flush {
                Flush::No => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
                Flush::Yes => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
                Flush::End => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
            };
            let went_well = self.state.compress_stream(
                operation,
                &mut left,
                input,
                &mut taken,
                &mut room,
                &mut scratch,
                &mut given,
                &mut None,
                &mut |_, _, _, _| (),
            );
            if !went_well {
                return Err(io::ErrorKind::InvalidData.into());
            }
            output.extend_from_slice(scratch.get(..given).unwrap_or_default());
            let is_done = match flush {
                Flush::No | Flush::Yes => left == 0 && !self.state.has_more_output(),
                Flush::End => self.state.is_finished(),
            };
            if is_done {
                return Ok(());
            }
        }
    }
}
