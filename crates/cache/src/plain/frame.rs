//! A value with what must be known of it.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use chrono::{DateTime, Utc};

use crate::{Entry, Hit, Token};

/// The bytes before the value: generation, version, time to live in milliseconds, end in microseconds.
const HEAD: usize = 4 * 8;

/// A value as it stands in the store.
pub(super) struct Frame {
    pub(super) generation: u64,
    version: Token,
    ttl: Duration,
    /// Microseconds since 1970.
    end: i64,
    value: Bytes,
}

impl Frame {
    /// The bytes of an entry that is kept at `now`.
    pub(super) fn of(entry: Entry, generation: u64, now: DateTime<Utc>) -> Bytes {
        let ttl = entry.ttl.duration();
        let mut bytes = BytesMut::with_capacity(HEAD + entry.value.len());
        bytes.put_u64(generation);
        bytes.put_u64(entry.version.number());
        bytes.put_u64(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        let micros = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
        bytes.put_i64(now.timestamp_micros().saturating_add(micros));
        bytes.put_slice(&entry.value);
        bytes.freeze()
    }

    /// What the bytes say; `None` for those of somebody else.
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let word = |number: usize| {
            bytes
                .get(number * 8..number * 8 + 8)
                .and_then(|word| word.try_into().ok())
                .map(u64::from_be_bytes)
        };
        Some(Self {
            generation: word(0)?,
            version: Token::from_number(word(1)?),
            ttl: Duration::from_millis(word(2)?),
            end: word(3)?.cast_signed(),
            value: bytes.slice(HEAD..),
        })
    }

    /// The value, if it lives at `now`.
    pub(super) fn hit(self, now: DateTime<Utc>) -> Option<Hit> {
        let left =
            u64::try_from(self.end.saturating_sub(now.timestamp_micros())).ok().filter(|left| *left > 0)?;
        let left = Duration::from_micros(left).min(self.ttl);
        Some(Hit { value: self.value, version: self.version, ttl: self.ttl, left })
    }
}
