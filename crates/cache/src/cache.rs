//! The trait in the middle.

use std::{fmt, time::Duration};

use bytes::Bytes;
use palisade_core::Random;

use crate::{CacheFuture, CacheKey, Pattern, Tag, Ttl};

/// Where values are kept for a while: bytes under keys, each with a time to live.
///
/// A value may vanish at any time. Each method is atomic for its key, against any number of other calls in this process
/// and in those that share the backend. Every backend passes [`conformance`](crate::conformance).
///
/// # How a value gets in without being out of date
///
/// Reading the source, waiting, and then caching what was read would bring back what somebody changed meanwhile. So a
/// key that has no value can be *claimed*, after Nishtala et al., *Scaling Memcache at Facebook* (NSDI 2013) §3.2.1:
///
/// - A reader [`claim`](Self::claim)s the key, reads the source, and [`fill`](Self::fill)s: the value is kept only if the
///   claim still stands. Of many readers one holds the claim; the others wait for its value. A claim ends by itself, so
///   that nobody waits for a reader that has died.
/// - A writer says [`begin_write`](Self::begin_write) before and [`end_write`](Self::end_write) after: the value and any
///   reader's claim are gone, and until the end nobody reads the key through the cache. Two writers at once leave
///   nothing behind, because nobody knows whose value the source kept.
/// - Whoever deletes a key, by name, pattern or tag, ends its claims.
///
/// # Errors
/// Each answer can be [`Error::Unavailable`](crate::Error::Unavailable).
pub trait Cache: Send + Sync + fmt::Debug + 'static {
    /// The value of a key.
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>>;

    /// The values of keys, in their order, in one round trip.
    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>>;

    /// Keeps a value, whatever was there.
    fn set(&self, entry: Entry) -> CacheFuture<'_, ()>;

    /// Keeps values, in one round trip; not all at the same moment.
    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()>;

    /// Removes a key; says whether it had a value.
    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool>;

    /// Removes the keys of a pattern; says how many had a value. What is set while it runs may stay.
    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64>;

    /// Removes the keys with a tag; says how many had a value.
    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64>;

    /// Says for a key that has no value who may bring it. The claim ends after `span`.
    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed>;

    /// Lets a claim go on for another `span`; says whether it still stood.
    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool>;

    /// Keeps a value if the key is as `over` says; says whether it did.
    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool>;

    /// Gives a claim up.
    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()>;

    /// Takes a key out of use while its source is written, for `span` at most.
    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()>;

    /// Puts a key back into use, with the value that was written if nobody else was writing meanwhile.
    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()>;

    /// What it holds.
    fn stats(&self) -> CacheFuture<'_, Stats>;
}

/// A value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The bytes.
    pub value: Bytes,
    /// Tells this value from any other that the key ever had.
    pub version: Token,
    /// For how long it was to live when it was kept.
    pub ttl: Duration,
    /// For how long it will live from now.
    pub left: Duration,
}

/// A value to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: CacheKey,
    /// The bytes.
    pub value: Bytes,
    /// How long it lives.
    pub ttl: Ttl,
    /// What it has in common with others.
    pub tags: Vec<Tag>,
    /// Tells it from any other value of the key.
    pub version: Token,
}

/// A number that nobody else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u64);

impl Token {
    /// A new one.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        Self(u64::from_le_bytes(random.bytes()))
    }

    pub(crate) const fn from_number(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::LowerHex for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}

/// Who may bring the value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody need: here it is.
    Hit(Hit),
    /// The caller.
    Granted,
    /// Somebody else does.
    Taken,
    /// Nobody now: the source is being written.
    Writing,
}

/// What must stand in the place of a key for it to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The caller's claim.
    Claim(Token),
    /// The value of that version.
    Value(Token),
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Values.
    pub entries: u64,
    /// Bytes of keys and values, with what it takes to keep them where that is known.
    pub bytes: Option<u64>,
    /// Values that were removed to make room, where that is known.
    pub evictions: Option<u64>,
    /// Values that were found to be damaged or foreign.
    pub poisoned: u64,
}
