//! `gzip` (RFC 1952): one member, its deflate stream by flate2.

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::{Flush, SCRATCH};

/// Magic, deflate, no flags, no time, no extra flags, unknown system (RFC 1952 §2.3.1).
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

pub(in crate::compression) struct Gzip {
    deflate: Compress,
    /// Of what was taken; its checksum and length are the member's end.
    taken: Crc,
    begun: bool,
}

impl Gzip {
    /// 343 KiB were measured.
    pub(super) const MEMORY: usize = 384 * 1024;

    pub(super) fn new() -> Self {
        Self { deflate: Compress::new(Compression::default(), false), taken: Crc::new(), begun: false }
    }

    pub(super) fn restart(&mut self) {
        self.deflate.reset();
        self.taken.reset();
        self.begun = false;
    }

    pub(super) fn run(&mut self, input: &[u8], flush: Flush, output: &mut Vec<u8>) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            output.extend_from_slice(&HEAD);
        }
        self.taken.update(input);
        self.deflate(input, flush, output)?;
        if flush == Flush::End {
            output.extend_from_slice(&self.taken.sum().to_le_bytes());
            output.extend_from_slice(&self.taken.amount().to_le_bytes());
        }
        Ok(())
    }

    fn deflate(&mut self, mut input: &[u8], flush: Flush, output: &mut Vec<u8>) -> io::Result<()> {
        let how = match flush {
            Flush::No => FlushCompress::None,
            Flush::Yes => FlushCompress::Sync,
            Flush::End => FlushCompress::Finish,
        };
        let mut scratch = [0; SCRATCH];
        loop {
            let (taken, given) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(input, &mut scratch, how)?;
            let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
            let given = count(self.deflate.total_out(), given);
            input = input.get(count(self.deflate.total_in(), taken)..).unwrap_or_default();
            output.extend_from_slice(scratch.get(..given).unwrap_or_default());
            let is_done = match flush {
                Flush::No | Flush::Yes => input.is_empty() && given < SCRATCH,
                Flush::End => status == Status::StreamEnd,
            };
            if is_done {
                return Ok(());
            }
        }
    }
}
