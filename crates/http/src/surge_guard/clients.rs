//! How much each client has in flight, in counters of fixed number.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::BuildHasher as _,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{
            AtomicU32, AtomicU64,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
};

use palisade_core::client_network;

/// The counters of a row: 128 KiB.
const WIDTH: usize = 1 << 15;

/// The number of requests that each client has in flight. Its clones are the same numbers.
///
/// There is no table of clients that could grow, and no lock: a client is counted in one counter of each of two
/// rows, chosen by a keyed hash of its address, and what it has in flight is at most the lower of the two (a
/// count-min sketch). So no client ever exceeds its bound. One that does not can be refused only while both of
/// its counters are shared with clients that use up theirs. At most a few can at once, for all of them together
/// are held to the capacity of the server: with four, the chance is `(4 / 32,768)²`, one in sixty million.
/// Nobody outside can choose whom to share counters with, since the key of the hash is random.
#[derive(Clone)]
pub struct Clients(Arc<Rows>);

struct Rows {
    hasher: RandomState,
    first: Box<[AtomicU32]>,
    second: Box<[AtomicU32]>,
    refused: AtomicU64,
}

impl Clients {
    /// Nobody has anything in flight.
    #[must_use]
    pub fn new() -> Self {
        let row = || std::iter::repeat_with(AtomicU32::default).take(WIDTH).collect();
        let refused = AtomicU64::new(0);
        Self(Arc::new(Rows { hasher: RandomState::new(), first: row(), second: row(), refused }))
    }

    /// Counts one more request of this client, until what is returned is dropped; `None` when it would be one
    /// more than `most`.
    #[must_use]
    pub fn enter(&self, client: IpAddr, most: NonZeroU32) -> Option<InFlight<'_>> {
        let (first, second) = self.counters(client)?;
        first.fetch_add(1, AcqRel);
        let by_second = second.fetch_add(1, AcqRel) + 1;
        let in_flight = InFlight { first, second };
        // Looked at when both are counted: of several that come in at once, the last to count itself in the
        // second row sees all of them in both.
        if by_second.min(first.load(Acquire)) > most.get() {
            self.0.refused.fetch_add(1, Relaxed);
            return None;
        }
        Some(in_flight)
    }

    /// How many requests have been refused so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Relaxed)
    }

    fn counters(&self, client: IpAddr) -> Option<(&AtomicU32, &AtomicU32)> {
        let hash = self.0.hasher.hash_one(client_network(client));
        let first = self.0.first.get(hash as usize % WIDTH)?;
        let second = self.0.second.get((hash >> 32) as usize % WIDTH)?;
        Some((first, second))
    }
}

impl Default for Clients {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("refused", &self.refused()).finish_non_exhaustive()
    }
}

/// One request of a client that is in flight, until it is dropped.
#[derive(Debug)]
#[must_use = "a request that is dropped at once is not counted"]
pub struct InFlight<'a> {
    first: &'a AtomicU32,
    second: &'a AtomicU32,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.first.fetch_sub(1, AcqRel);
        self.second.fetch_sub(1, AcqRel);
    }
}
