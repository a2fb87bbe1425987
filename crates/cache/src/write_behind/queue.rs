//! What waits to be written: the newest value of each key, in the order in which the keys came.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{WriteBehindCounters, closed};
use crate::{CacheKey, Error, Result};

pub(super) struct Queue<V> {
    state: Mutex<State<V>>,
    capacity: usize,
    changed: Notify,
}

struct State<V> {
    /// The keys of `waiting`.
    order: VecDeque<CacheKey>,
    waiting: HashMap<CacheKey, V>,
    /// What a worker is at. A key can wait at the same time, with a newer value.
    writing: HashMap<CacheKey, V>,
    closed: bool,
    counters: WriteBehindCounters,
}

impl<V> Queue<V> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State {
            order: VecDeque::new(),
            waiting: HashMap::new(),
            writing: HashMap::new(),
            closed: false,
            counters: WriteBehindCounters::default(),
        };
        Self { state: Mutex::new(state), capacity, changed: Notify::new() }
    }

    pub(super) fn push(&self, key: CacheKey, value: V) -> Result<()> {
        let mut state = self.lock();
        if state.closed {
            return Err(closed());
        }
        if let Some(waiting) = state.waiting.get_mut(&key) {
            *waiting = value;
            state.counters.coalesced += 1;
            return Ok(());
        }
        let pending = state.waiting.len() + state.writing.len();
        if pending >= self.capacity {
            state.counters.refused += 1;
            return Err(Error::QueueFull(pending));
        }
        state.order.push_back(key.clone());
        state.waiting.insert(key, value);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes nothing more; workers end when nothing waits.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_waiters();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Returns when it is closed.
    pub(super) async fn closing(&self) {
        self.until(|state| state.closed.then_some(())).await;
    }

    /// Counts one of the things that happen to values.
    pub(super) fn count(&self, happened: impl FnOnce(&mut WriteBehindCounters)) {
        happened(&mut self.lock().counters);
    }

    pub(super) fn counters(&self) -> WriteBehindCounters {
        let state = self.lock();
        WriteBehindCounters { pending: state.waiting.len() + state.writing.len(), ..state.counters }
    }

    /// A worker is through with a key.
    pub(super) fn done(&self, key: &CacheKey) {
        self.lock().writing.remove(key);
        // The key may wait again, and nobody could take it meanwhile.
        self.changed.notify_waiters();
    }

    /// Everything that waits or is being written, of each key the newest value.
    pub(super) fn drain(&self) -> Vec<(CacheKey, V)> {
        let mut state = self.lock();
        state.order.clear();
        let mut rest = std::mem::take(&mut state.writing);
        rest.extend(state.waiting.drain());
        rest.into_iter().collect()
    }

    /// Waits for what `find` finds. It is woken by each change.
    async fn until<T>(&self, mut find: impl FnMut(&mut State<V>) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on a change is not missed.
            changed.as_mut().enable();
            if let Some(found) = find(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Clone> Queue<V> {
    /// The newest value of a key.
    pub(super) fn find(&self, key: &CacheKey) -> Option<V> {
        let state = self.lock();
        state.waiting.get(key).or_else(|| state.writing.get(key)).cloned()
    }

    /// The next key that nobody is at; `None` when it is closed and there is none.
    pub(super) async fn next(&self) -> Option<CacheKey> {
        self.until(|state| {
            let free = state.order.iter().position(|key| !state.writing.contains_key(key));
            match free.and_then(|place| state.order.remove(place)) {
                Some(key) => {
                    let value = state.waiting.remove(&key)?;
                    state.writing.insert(key.clone(), value);
                    Some(Some(key))
                }
                None => state.closed.then_some(None),
            }
        })
        .await
    }

    /// The newest value of the key that a worker is at, which from now on is what it writes.
    pub(super) fn newest(&self, key: &CacheKey) -> Option<V> {
        let mut state = self.lock();
        if let Some(newer) = state.waiting.remove(key) {
            state.order.retain(|waiting| waiting != key);
            state.counters.coalesced += 1;
            state.writing.insert(key.clone(), newer);
        }
        state.writing.get(key).cloned()
    }
}
