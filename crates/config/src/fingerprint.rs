//! What tells two values apart without showing either.

use std::{
    fmt,
    hash::{BuildHasher, DefaultHasher},
};

use serde_json::Value;

/// A value's hash, to be compared with another of the same process and never to be shown: it may be a secret's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(value: &Value) -> Self {
        Self(Hasher.hash_one(value.to_string()))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}

/// The same function each time.
struct Hasher;

impl BuildHasher for Hasher {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher::new()
    }
}
