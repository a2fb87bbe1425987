//! `br` (RFC 7932) within a bound of memory.
//!
//! A stream declares a window of up to 16 MiB (§9.1), whatever its size, and common encoders declare 4 MiB for a few
//! bytes. So the window says nothing of what a body needs. The library begins with a small window and lets it grow as the
//! stream announces more output; here it may grow up to the limit of the body.

use brotli::{Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, enc::StandardAlloc};
use bytes::BytesMut;

use super::{Failure, Progress, STEP, Step, after_the_end};

pub(in crate::decompression) struct Brotli {
    state: BrotliState<BoundedAlloc, StandardAlloc, StandardAlloc>,
    ended: bool,
}

/// The largest window of the coding. The library would take larger ones from its own format.
const LARGEST_WINDOW: usize = 16 * 1024 * 1024;

/// What a window is longer by than its size, with room to spare.
const SLACK: usize = 4 * 1024;

/// Three groups of at most 256 prefix codes (RFC 7932 §9.2), and what is small.
const TABLES: usize = 3 * 256 * (1_080 * size_of::<HuffmanCode>() + 4) + 64 * 1024;

impl Brotli {
    pub(super) fn new(limit: usize) -> Self {
        let bytes = BoundedAlloc { most: window(limit) + SLACK, is_exceeded: false };
        let (u32s, codes) = Default::default();
        Self { state: BrotliState::new_strict(bytes, u32s, codes), ended: false }
    }

    /// A window that grows is there twice for a moment, the old one half as large.
    pub(super) fn memory(limit: usize) -> usize {
        window(limit) / 2 * 3 + TABLES
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut BytesMut) -> Step {
        if self.ended {
            return after_the_end(input, 0);
        }
        output.resize(STEP, 0);
        let (mut left, mut taken, mut room, mut given, mut total) = (input.len(), 0, STEP, 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut taken,
            input,
            &mut room,
            &mut given,
            output,
            &mut total,
            &mut self.state,
        );
        output.truncate(given);
        match result {
            BrotliResult::ResultSuccess => {
                self.ended = true;
                after_the_end(input, taken)
            }
            BrotliResult::NeedsMoreInput => Ok((taken, Progress::Hungry)),
            BrotliResult::NeedsMoreOutput => Ok((taken, Progress::More)),
            BrotliResult::ResultFailure if self.state.alloc_u8.is_exceeded => Err(Failure::TooLarge),
            BrotliResult::ResultFailure => Err(Failure::Damaged),
        }
    }
}

/// The largest window that a body of at most `limit` bytes has a use for.
fn window(limit: usize) -> usize {
    limit.clamp(64 * 1024, LARGEST_WINDOW).next_power_of_two()
}

/// Gives memory in blocks of a bounded size.
struct BoundedAlloc {
    most: usize,
    is_exceeded: bool,
}

impl Allocator<u8> for BoundedAlloc {
    type AllocatedMemory = <StandardAlloc as Allocator<u8>>::AllocatedMemory;

    fn alloc_cell(&mut self, len: usize) -> Self::AllocatedMemory {
        if len > self.most {
            self.is_exceeded = true;
            return Self::AllocatedMemory::default();
        }
        StandardAlloc::default().alloc_cell(len)
    }

    fn free_cell(&mut self, block: Self::AllocatedMemory) {
        drop(block);
    }
}
