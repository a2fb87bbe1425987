//! What stands under a key.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{Entry, Hit, Over, Tag, Token};

/// It lies in moka's own entry, and who reads gets a copy: of a value that costs one count of its bytes, where an `Arc`
/// around it would cost another count, and a place in memory of its own to wait for.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) state: State,
    /// In nanoseconds of the timeline.
    pub(super) expires: u64,
    /// How long it lives here.
    pub(super) lives: Duration,
    /// How long it was to live when it was made, which a copy of it has in part behind it.
    ttl: Duration,
    /// Absent for none, so that those who have none share no count.
    tags: Option<Arc<[Tag]>>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum State {
    Value {
        bytes: Bytes,
        version: Token,
    },
    /// Somebody reads the source.
    Reading(Token),
    /// Somebody writes it.
    Writing(Token),
    /// Several write it, each until a moment of its own, so that nobody knows whose value it keeps.
    Contested(Box<[Writer]>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Writer {
    pub(super) write: Token,
    pub(super) expires: u64,
}

impl Slot {
    pub(super) fn new(state: State, now: u64, ttl: Duration, tags: &[Tag]) -> Self {
        let nanos = u64::try_from(ttl.as_nanos()).unwrap_or(u64::MAX);
        let tags = (!tags.is_empty()).then(|| tags.into());
        Self { state, expires: now.saturating_add(nanos), lives: ttl, ttl, tags }
    }

    /// Who writes the source, as far as their time is not over.
    pub(super) fn writers(&self, now: u64) -> Vec<Writer> {
        match &self.state {
            State::Writing(write) => vec![Writer { write: *write, expires: self.expires }],
            State::Contested(writers) => {
                writers.iter().copied().filter(|writer| writer.expires > now).collect()
            }
            State::Value { .. } | State::Reading(_) => Vec::new(),
        }
    }

    /// The mark of several writers, until the last of them is over.
    pub(super) fn contested(writers: Vec<Writer>, now: u64, tags: &[Tag]) -> Self {
        let last = writers.iter().map(|writer| writer.expires).max().unwrap_or(now);
        let left = Duration::from_nanos(last.saturating_sub(now));
        Self::new(State::Contested(writers.into()), now, left, tags)
    }

    /// A copy of what another cache holds.
    #[cfg(feature = "redis")]
    pub(super) fn copy_of(hit: &Hit, now: u64) -> Self {
        let state = State::Value { bytes: hit.value.clone(), version: hit.version };
        Self { ttl: hit.ttl, ..Self::new(state, now, hit.left, &[]) }
    }

    pub(super) fn of(entry: Entry, now: u64) -> Self {
        let state = State::Value { bytes: entry.value, version: entry.version };
        Self::new(state, now, entry.ttl.duration(), &entry.tags)
    }

    /// The value, if it is one and still lives.
    pub(super) fn hit(&self, now: u64) -> Option<Hit> {
        self.clone().into_hit(now)
    }

    /// The same out of a copy.
    pub(super) fn into_hit(self, now: u64) -> Option<Hit> {
        let State::Value { bytes, version } = self.state else { return None };
        let left = Duration::from_nanos(self.expires.checked_sub(now).filter(|left| *left > 0)?);
        Some(Hit { value: bytes, version, ttl: self.ttl, left })
    }

    pub(super) fn tags(&self) -> &[Tag] {
        self.tags.as_deref().unwrap_or_default()
    }

    pub(super) const fn is_value(&self) -> bool {
        matches!(self.state, State::Value { .. })
    }

    pub(super) fn is(&self, wanted: Over) -> bool {
        match (&self.state, wanted) {
            (State::Reading(present), Over::Claim(claim)) => *present == claim,
            (State::Value { version: present, .. }, Over::Value(version)) => *present == version,
            _ => false,
        }
    }

    /// Bytes of the value.
    pub(super) fn bytes(&self) -> usize {
        match &self.state {
            State::Value { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }
}
