//! Fetching values anew before they expire.

use std::{
    collections::HashSet,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::task::JoinSet;

use super::{LEASE, load::Load};
use crate::{CacheKey, Claimed, Over, Result, Token};

/// Refreshes at once. Whoever comes when there are so many goes on with the value at hand; a later reader tries again.
const AT_ONCE: usize = 64;

/// The refreshes under way, one for each key. Dropping this ends them.
#[derive(Default)]
pub(super) struct Refreshers {
    tasks: Mutex<JoinSet<()>>,
    keys: Arc<Keys>,
}

#[derive(Default)]
struct Keys(Mutex<Turns>);

#[derive(Default)]
struct Turns {
    taken: HashSet<CacheKey>,
    /// No more are given.
    over: bool,
}

impl Refreshers {
    /// Has the value of that version replaced by what `fetch` gives, in the background, unless that is under way.
    pub(super) fn refresh<V, E, F>(
        &self,
        load: Load<V>,
        version: Token,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) where
        V: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Send + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let Some(turn) = self.turn(&load.key) else { return };
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let _turn = turn;
            refreshed(&load, version, fetch).await;
        });
    }

    /// Ends them, and begins no more.
    pub(super) fn stop(&self) {
        lock(&self.keys.0).over = true;
        lock(&self.tasks).abort_all();
    }

    fn turn(&self, key: &CacheKey) -> Option<Turn> {
        let mut turns = lock(&self.keys.0);
        (!turns.over && turns.taken.len() < AT_ONCE && turns.taken.insert(key.clone()))
            .then(|| Turn { keys: Arc::clone(&self.keys), key: key.clone() })
    }
}

async fn refreshed<V, E, F>(load: &Load<V>, version: Token, fetch: impl FnOnce() -> F)
where
    V: Serialize + DeserializeOwned,
    F: Future<Output = Result<V, E>>,
{
    let (shared, claim, mutex) = (&load.shared, load.shared.token(), load.key.of_refresh());
    if !matches!(shared.cache.claim(&mutex, claim, LEASE, &[]).await, Ok(Claimed::Granted)) {
        return;
    }
    // Whoever held it before may have replaced the value since it was read.
    let done = !is_still(load, version).await || {
        let value = load.renewing(&mutex, claim, pin!(fetch())).await;
        replaced(load, version, value).await
    };
    if done {
        let _ends_by_itself = shared.cache.release(&mutex, claim).await;
    }
    // Otherwise it is not released: a source that fails is tried once in the time that it lasts.
}

/// Whether the key has the value of that version, in the backend that all processes share.
async fn is_still<V>(load: &Load<V>, version: Token) -> bool {
    let (cache, claim) = (&load.shared.cache, load.shared.token());
    match cache.claim(&load.key, claim, LEASE, &[]).await {
        Ok(Claimed::Hit(hit)) => hit.version == version,
        Ok(Claimed::Granted) => {
            // It is gone. Who needs it brings it.
            let _ends_by_itself = cache.release(&load.key, claim).await;
            false
        }
        Ok(Claimed::Taken | Claimed::Writing) | Err(_) => false,
    }
}

/// Has what was fetched take the place of the value of that version; says whether it did.
async fn replaced<V, E>(load: &Load<V>, version: Token, value: Result<V, E>) -> bool
where
    V: Serialize + DeserializeOwned,
{
    let counting = &load.shared.counting;
    let Ok(value) = value else {
        counting.failed_refresh();
        return false;
    };
    counting.refresh();
    if let Some(ttl) = (load.ttl_of)(&value, &load.recipe) {
        return load.keep(&value, ttl, Over::Value(version)).await;
    }
    // What it stood for is no more, and that is not to be remembered.
    let deleted = load.shared.cache.delete(&load.key).await;
    deleted.inspect_err(|error| counting.failed(error)).is_ok()
}

/// The right to refresh a key, given back when dropped.
struct Turn {
    keys: Arc<Keys>,
    key: CacheKey,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.keys.0).taken.remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
