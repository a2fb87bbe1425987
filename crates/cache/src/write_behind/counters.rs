//! What a write-behind has done.

/// What has happened since the start, and what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteBehindCounters {
    /// Keys that wait to be written or are being written.
    pub pending: usize,
    /// Values that took the place of an older one that waited.
    pub coalesced: u64,
    /// Values that were written.
    pub written: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Values that were put aside.
    pub aside: u64,
    /// Values that were not taken because too many waited.
    pub refused: u64,
}
