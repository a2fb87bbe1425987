//! Keys of which the cache may still hold what is no longer true.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle, time::sleep};

use super::Shared;
use crate::{Key, Pattern, Result};

/// Keys that are kept one by one. Beyond that everything is in doubt, and is forgotten together.
const MOST: usize = 10_000;
/// How soon a backend that does not answer is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// Keys that are looked at together.
const CHUNK: usize = 100;

/// Keys that are read from the source, because a write of theirs is under way or its end has not reached the cache.
#[derive(Default)]
pub(super) struct Doubts {
    state: Mutex<State>,
    /// How many there are, so that those who read without any pay one load.
    count: AtomicUsize,
    cast: Notify,
    cleared: Notify,
}

#[derive(Default)]
struct State {
    keys: HashMap<Key, Doubt>,
    everything: bool,
}

#[derive(Default)]
struct Doubt {
    /// Writes under way.
    writes: u32,
    /// Whether the cache has still to be told.
    untold: bool,
}

impl Doubts {
    pub(super) fn covers(&self, key: &Key) -> bool {
        self.len() > 0 && {
            let state = self.lock();
            state.everything || state.keys.contains_key(key)
        }
    }

    /// How many keys are in doubt; more when everything is.
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// A write begins.
    pub(super) fn begin(&self, key: &Key) {
        self.with(|state| {
            if let Some(doubt) = state.of(key) {
                doubt.writes += 1;
            }
        });
    }

    /// A write has ended and the cache knows.
    pub(super) fn end(&self, key: &Key) {
        self.with(|state| {
            if let Some(doubt) = state.keys.get_mut(key) {
                doubt.writes = doubt.writes.saturating_sub(1);
                if doubt.writes == 0 && !doubt.untold {
                    state.keys.remove(key);
                }
            }
        });
    }

    /// The cache may hold something else than the source, and has to be told.
    pub(super) fn cast(&self, key: &Key) {
        self.with(|state| {
            if let Some(doubt) = state.of(key) {
                doubt.untold = true;
            }
        });
        self.cast.notify_one();
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

    fn told(&self, keys: &[Key]) {
        self.with(|state| {
            for key in keys {
                if let Some(doubt) = state.keys.get_mut(key) {
                    doubt.untold = false;
                    if doubt.writes == 0 {
                        state.keys.remove(key);
                    }
                }
            }
        });
    }

    fn told_everything(&self) {
        self.with(|state| {
            state.everything = false;
            state.keys.retain(|_, doubt| doubt.writes > 0);
        });
    }

    /// What the cache has to be told next.
    fn next(&self) -> Next {
        let state = self.lock();
        if state.everything {
            return Next::Everything;
        }
        let untold = state.keys.iter().filter(|(_, doubt)| doubt.untold);
        Next::Keys(untold.take(CHUNK).map(|(key, _)| key.clone()).collect())
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let count = state.keys.len() + usize::from(state.everything);
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
    /// The doubt about a key. When there are too many, everything is in doubt instead.
    fn of(&mut self, key: &Key) -> Option<&mut Doubt> {
        if self.keys.len() >= MOST && !self.keys.contains_key(key) {
            self.everything = true;
            return None;
        }
        Some(self.keys.entry(key.clone()).or_default())
    }
}

enum Next {
    Keys(Vec<Key>),
    Everything,
}

/// The task that tells the cache what it has not been told. Dropping this ends it.
pub(super) struct Sweeper(JoinHandle<()>);

impl Sweeper {
    pub(super) fn start(shared: Arc<Shared>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                shared.doubts.cast.notified().await;
                while let Some(outcome) = sweep(&shared).await {
                    if let Err(error) = outcome {
                        shared.counting.failed(&error);
                        sleep(RETRY).await;
                    }
                }
            }
        }))
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells the cache of a few keys; `None` when there is nothing to tell.
async fn sweep(shared: &Shared) -> Option<Result<()>> {
    let doubts = &shared.doubts;
    match doubts.next() {
        Next::Everything => {
            let outcome = shared.cache.delete_matching(&Pattern::everything()).await;
            Some(outcome.map(|_| doubts.told_everything()))
        }
        Next::Keys(keys) if keys.is_empty() => None,
        Next::Keys(keys) => {
            for key in &keys {
                if let Err(error) = shared.cache.delete(key).await {
                    return Some(Err(error));
                }
            }
            doubts.told(&keys);
            Some(Ok(()))
        }
    }
}
