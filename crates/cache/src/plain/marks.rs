//! Who fetches what, and what is being written, in this process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use palisade_core::clock::after;

use crate::{CacheKey, Claimed, Token};

/// How many marks there may be before those whose time is over are removed.
const SWEEP_FROM: usize = 1_024;

/// What stands in the place of keys. A mark ends by itself, so that nobody waits for one who has died.
#[derive(Default)]
pub(super) struct Marks(Mutex<Table>);

#[derive(Default)]
struct Table {
    marks: HashMap<CacheKey, Mark>,
    /// How many there may be before the next sweep.
    sweep_from: usize,
}

struct Mark {
    until: DateTime<Utc>,
    state: State,
}

enum State {
    /// Somebody fetches the value.
    Claimed(Token),
    /// The source is being written, by these.
    Written(Vec<Token>),
    /// The same, and several have written at once: nobody knows whose value the source has kept.
    Disputed(Vec<Token>),
}

impl Marks {
    pub(super) fn claim(&self, key: &CacheKey, claim: Token, now: DateTime<Utc>, span: Duration) -> Claimed {
        let mut table = self.lock();
        match table.present(key, now).map(|mark| &mark.state) {
            Some(State::Claimed(_)) => Claimed::Taken,
            Some(State::Written(_) | State::Disputed(_)) => Claimed::Writing,
            None => {
                table.put(key, Mark { until: after(now, span), state: State::Claimed(claim) }, now);
                Claimed::Granted
            }
        }
    }

    pub(super) fn is_claimed(&self, key: &CacheKey, claim: Token, now: DateTime<Utc>) -> bool {
        let mut table = self.lock();
        table.present(key, now).is_some_and(|mark| mark.is_claim(claim))
    }

    pub(super) fn renew(&self, key: &CacheKey, claim: Token, now: DateTime<Utc>, span: Duration) -> bool {
        let mut table = self.lock();
        let mark = table.present(key, now).filter(|mark| mark.is_claim(claim));
        mark.map(|mark| mark.until = after(now, span)).is_some()
    }

    /// Ends a claim; says whether it stood.
    pub(super) fn end_claim(&self, key: &CacheKey, claim: Token, now: DateTime<Utc>) -> bool {
        let mut table = self.lock();
        let stood = table.present(key, now).is_some_and(|mark| mark.is_claim(claim));
        if stood {
            table.marks.remove(key);
        }
        stood
    }

    /// Ends whoever's claim.
    pub(super) fn end_any_claim(&self, key: &CacheKey) {
        let mut table = self.lock();
        if table.marks.get(key).is_some_and(|mark| matches!(mark.state, State::Claimed(_))) {
            table.marks.remove(key);
        }
    }

    /// Ends every claim.
    pub(super) fn end_claims(&self) {
        self.lock().marks.retain(|_, mark| !matches!(mark.state, State::Claimed(_)));
    }

    pub(super) fn begin_write(&self, key: &CacheKey, write: Token, now: DateTime<Utc>, span: Duration) {
        let mut table = self.lock();
        let until = after(now, span);
        let state = match table.present(key, now) {
            Some(Mark { state: State::Written(writes) | State::Disputed(writes), .. }) => {
                let mut writes = std::mem::take(writes);
                writes.push(write);
                State::Disputed(writes)
            }
            Some(Mark { state: State::Claimed(_), .. }) | None => State::Written(vec![write]),
        };
        table.put(key, Mark { until, state }, now);
    }

    pub(super) fn is_written(&self, key: &CacheKey, now: DateTime<Utc>) -> bool {
        let mut table = self.lock();
        table.present(key, now).is_some_and(|mark| !matches!(mark.state, State::Claimed(_)))
    }

    /// Whether this is the only write there was since the key was last readable.
    pub(super) fn is_written_by(&self, key: &CacheKey, write: Token, now: DateTime<Utc>) -> bool {
        let mut table = self.lock();
        let is_alone = |mark: &mut Mark| matches!(&mark.state, State::Written(writes) if *writes == [write]);
        table.present(key, now).is_some_and(is_alone)
    }

    /// Ends a write; says whether it was alone.
    pub(super) fn end_write(&self, key: &CacheKey, write: Token, now: DateTime<Utc>) -> bool {
        let mut table = self.lock();
        let Some(mark) = table.present(key, now) else { return false };
        let (writes, alone) = match &mut mark.state {
            State::Claimed(_) => return false,
            State::Written(writes) => (writes, true),
            State::Disputed(writes) => (writes, false),
        };
        let alone = alone && writes.contains(&write);
        writes.retain(|present| *present != write);
        if writes.is_empty() {
            table.marks.remove(key);
        }
        alone
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// The mark of a key whose time is not over.
    fn present(&mut self, key: &CacheKey, now: DateTime<Utc>) -> Option<&mut Mark> {
        if self.marks.get(key).is_some_and(|mark| mark.until <= now) {
            self.marks.remove(key);
        }
        self.marks.get_mut(key)
    }

    fn put(&mut self, key: &CacheKey, mark: Mark, now: DateTime<Utc>) {
        if self.marks.len() >= self.sweep_from.max(SWEEP_FROM) {
            self.marks.retain(|_, mark| mark.until > now);
            self.sweep_from = self.marks.len() * 2;
        }
        self.marks.insert(key.clone(), mark);
    }
}

impl Mark {
    fn is_claim(&self, claim: Token) -> bool {
        matches!(self.state, State::Claimed(present) if present == claim)
    }
}
