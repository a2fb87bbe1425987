//! From a policy and a key to the place of their counter.

use std::hash::{BuildHasher, Hasher as _, RandomState};

use foldhash::{SharedSeed, quality::FoldHasher};

use crate::{LimitKey, Policy};

/// A counter's name in its shard: 80 bits. Of a million counters two share one by chance once in 10¹² processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Tag {
    pub(super) hash: u64,
    pub(super) more: u16,
}

/// Two hashes, each under its own seed that no one outside this process knows.
pub(crate) struct Hasher {
    first: SharedSeed,
    second: SharedSeed,
}

impl Hasher {
    pub(crate) fn random() -> Self {
        // The standard library's seeds are the operating system's random numbers behind SipHash.
        let seed = || SharedSeed::from_u64(RandomState::new().hash_one(0));
        Self { first: seed(), second: seed() }
    }

    /// The counter's tag, and a number that tells its shard.
    pub(crate) fn tag(&self, policy: &Policy, key: &LimitKey) -> (Tag, usize) {
        let key = key.as_bytes();
        let hash = |seed| {
            let mut hasher = FoldHasher::with_seed(policy.fingerprint(), seed);
            hasher.write(key);
            hasher.finish()
        };
        let other = hash(&self.second);
        let [low, high, shard @ ..] = other.to_le_bytes();
        let [.., a, b] = shard;
        (
            Tag { hash: hash(&self.first), more: u16::from_le_bytes([low, high]) },
            u16::from_le_bytes([a, b]).into(),
        )
    }
}
