//! Keys of which the cache may still hold what is no longer true.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use crate::CacheKey;

/// Keys that the cache has still to be told of, one by one. Beyond that everything is in doubt, and is forgotten together.
const MOST: usize = 10_000;
/// Keys that are looked at together.
const CHUNK: usize = 100;

/// Keys that are read from the source, because a write of theirs is under way or its end has not reached the cache.
#[derive(Default)]
pub(super) struct Doubts {
    state: Mutex<State>,
    /// How many there are, so that those who read without any pay one load.
    count: AtomicUsize,
    /// Told of each that is cast.
    pub(super) heard: Notify,
    cleared: Notify,
}

#[derive(Default)]
struct State {
    keys: HashMap<CacheKey, Doubt>,
    /// How many of them the cache has still to be told of.
    untold: usize,
    /// What else it has to be told: of everything.
    everything: Option<Number>,
    /// The last number that was given out.
    last: Number,
}

/// Tells a doubt from one that is cast while the cache is being told: what it was told may have come before the write
/// that the later one is about.
pub(super) type Number = u64;

#[derive(Default)]
struct Doubt {
    /// Writes under way. There are no more of these keys than callers.
    writes: u32,
    /// What the cache has still to be told.
    untold: Option<Number>,
}

impl Doubts {
    pub(super) fn covers(&self, key: &CacheKey) -> bool {
        self.len() > 0 && {
            let state = self.lock();
            state.everything.is_some() || state.keys.contains_key(key)
        }
    }

    /// How many keys are in doubt; more when everything is.
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// A write begins.
    pub(super) fn begin(&self, key: &CacheKey) {
        self.with(|state| state.keys.entry(key.clone()).or_default().writes += 1);
    }

    /// A write has ended, and the cache knows or the doubt is cast.
    pub(super) fn end(&self, key: &CacheKey) {
        self.with(|state| {
            state.settle(key, |doubt| doubt.writes = doubt.writes.saturating_sub(1));
        });
    }

    /// The cache may hold something else than the source, and has to be told.
    pub(super) fn cast(&self, key: &CacheKey) {
        self.with(|state| state.cast(key));
        self.heard.notify_one();
    }

    /// Returns when there are none.
    pub(super) async fn cleared(&self) {
        loop {
            let cleared = self.cleared.notified();
            if self.len() == 0 {
                return;
            }
            cleared.await;
        }
    }

    pub(super) fn told(&self, key: &CacheKey, number: Number) {
        self.with(|state| {
            let told = state.settle(key, |doubt| {
                let told = doubt.untold == Some(number);
                doubt.untold.take_if(|_| told);
                told
            });
            state.untold -= usize::from(told.unwrap_or_default());
        });
    }

    pub(super) fn told_everything(&self, number: Number) {
        self.with(|state| {
            state.everything.take_if(|everything| *everything == number);
            let before = |doubt: &mut Doubt| doubt.untold.take_if(|untold| *untold <= number).is_some();
            let told = state.keys.values_mut().map(before).filter(|told| *told).count();
            state.untold -= told;
            state.keys.retain(|_, doubt| doubt.stands());
        });
    }

    /// What the cache has to be told next.
    pub(super) fn next(&self) -> Next {
        let state = self.lock();
        if let Some(number) = state.everything {
            return Next::Everything(number);
        }
        let untold = state.keys.iter().filter_map(|(key, doubt)| Some((key.clone(), doubt.untold?)));
        Next::Keys(untold.take(CHUNK).collect())
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let count = state.keys.len() + usize::from(state.everything.is_some());
        self.count.store(count, Ordering::Release);
        drop(state);
        if count == 0 {
            self.cleared.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn cast(&mut self, key: &CacheKey) {
        self.last += 1;
        let number = self.last;
        match self.keys.get_mut(key) {
            Some(doubt) if doubt.untold.is_some() => doubt.untold = Some(number),
            _ if self.untold >= MOST => self.everything = Some(number),
            _ => {
                self.untold += 1;
                self.keys.entry(key.clone()).or_default().untold = Some(number);
            }
        }
    }

    /// Changes the doubt about a key, which goes when there is nothing left of it.
    fn settle<T>(&mut self, key: &CacheKey, change: impl FnOnce(&mut Doubt) -> T) -> Option<T> {
        let doubt = self.keys.get_mut(key)?;
        let outcome = change(doubt);
        if !doubt.stands() {
            self.keys.remove(key);
        }
        Some(outcome)
    }
}

impl Doubt {
    const fn stands(&self) -> bool {
        self.writes > 0 || self.untold.is_some()
    }
}

/// What the cache has to be told.
pub(super) enum Next {
    Keys(Vec<(CacheKey, Number)>),
    Everything(Number),
}
