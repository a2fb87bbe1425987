//! `zstd` (RFC 8878), by the crate `zstd`.

use std::io;

use zstd::zstd_safe::{
    CCtx, CParameter, InBuffer, OutBuffer, ResetDirective, get_error_name, zstd_sys::ZSTD_EndDirective,
};

use super::{Effort, Flush, SCRATCH};

pub(in crate::compression) struct Zstd {
    context: CCtx<'static>,
}

/// The window in bits, and those of the two tables: the level's own would take twice the memory.
const WINDOW: u32 = 17;
const TABLE: u32 = 15;

impl Zstd {
    pub(super) const MEMORY: usize = 1536 * 1024;

    pub(super) fn new(effort: Effort, size: Option<usize>) -> io::Result<Self> {
        let level = match effort {
            Effort::EachTime => 3,
            Effort::Once => 5,
        };
        let mut context = CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        for parameter in [
            CParameter::CompressionLevel(level),
            CParameter::WindowLog(WINDOW),
            CParameter::HashLog(TABLE),
            CParameter::ChainLog(TABLE),
        ] {
            context.set_parameter(parameter).map_err(failure)?;
        }
        context.set_pledged_src_size(size.map(pledge)).map_err(failure)?;
        Ok(Self { context })
    }

    pub(super) fn restart(&mut self, size: usize) -> io::Result<()> {
        self.context.reset(ResetDirective::SessionOnly).map_err(failure)?;
        self.context.set_pledged_src_size(Some(pledge(size))).map_err(failure)?;
        Ok(())
    }

    pub(super) fn run(&mut self, input: &[u8], flush: Flush, output: &mut Vec<u8>) -> io::Result<()> {
        let how = match flush {
            Flush::No => ZSTD_EndDirective::ZSTD_e_continue,
            Flush::Yes => ZSTD_EndDirective::ZSTD_e_flush,
            Flush::End => ZSTD_EndDirective::ZSTD_e_end,
        };
        let mut scratch = [0; SCRATCH];
        let mut taken = InBuffer::around(input);
        loop {
            let mut room = OutBuffer::around(&mut scratch[..]);
            let left = self.context.compress_stream2(&mut room, &mut taken, how).map_err(failure)?;
            output.extend_from_slice(room.as_slice());
            let is_done = match flush {
                Flush::No => taken.pos() == input.len(),
                Flush::Yes | Flush::End => left == 0,
            };
            if is_done {
                return Ok(());
            }
        }
    }

    #[cfg(test)]
    pub(super) fn memory_in_use(&self) -> usize {
        self.context.sizeof()
    }
}

fn pledge(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn failure(code: usize) -> io::Error {
    io::Error::other(get_error_name(code))
}
