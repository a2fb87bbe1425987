//! The trait that each backend implements.

use std::{fmt, num::NonZeroU32};

use crate::{Checking, LimitKey, Policy};

/// Counts requests, and says which may pass.
///
/// `conformance` (feature `testing`) is the suite each backend must pass.
pub trait RateLimiter: Send + Sync + fmt::Debug {
    /// Whether a request of this `key` and `cost` fits each quota of the `policy`. When it does, it is counted in all
    /// of them, else in none. A cost over what a quota lets through at once is refused for ever.
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a>;

    /// Gives back some of the memory that is not needed any more, in microseconds. An [`Upkeep`](crate::Upkeep) calls
    /// it once a second, so that memory comes back while no checks do. A limiter that keeps nothing in memory need not
    /// have it; one around another hands it on.
    fn tend(&self) {}

    /// How often the store behind it has been lost so far; what it had counted may be gone since. A limiter without a
    /// store has none.
    fn losses(&self) -> u64 {
        0
    }
}
