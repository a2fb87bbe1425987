//! Fetching values anew before they expire.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::task::JoinSet;

use super::{
    LEASE, Shared,
    load::{Load, TtlOf},
};
use crate::{Claimed, Key, Over, Recipe, Result, Token};

/// Refreshes at once. Whoever comes when there are so many goes on with the value at hand; a later reader tries again.
const AT_ONCE: usize = 64;

/// The refreshes under way, one for each key. Dropping this ends them.
#[derive(Default)]
pub(super) struct Refreshers {
    tasks: Mutex<JoinSet<()>>,
    keys: Arc<Keys>,
}

#[derive(Default)]
struct Keys(Mutex<HashSet<Key>>);

impl Refreshers {
    /// Has the value of that version replaced by what `fetch` gives, in the background, unless that is under way.
    pub(super) fn refresh<V, E, F>(
        &self,
        shared: &Arc<Shared>,
        key: &Key,
        version: Token,
        recipe: &Recipe,
        ttl_of: TtlOf<V>,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) where
        V: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Send + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let Some(turn) = self.turn(key) else { return };
        let load = Load { shared: Arc::clone(shared), key: key.clone(), recipe: recipe.clone(), ttl_of };
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let _turn = turn;
            refreshed(&load, version, fetch).await;
        });
    }

    pub(super) fn stop(&self) {
        lock(&self.tasks).abort_all();
    }

    fn turn(&self, key: &Key) -> Option<Turn> {
        let mut keys = lock(&self.keys.0);
        (keys.len() < AT_ONCE && keys.insert(key.clone()))
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
    match load.renewing(&mutex, claim, fetch()).await {
        Ok(value) => {
            shared.counting.refresh();
            load.keep(&value, Over::Value(version)).await;
            let _ends_by_itself = shared.cache.release(&mutex, claim).await;
        }
        // The claim is not released: a source that fails is tried once in the time that it lasts.
        Err(_) => shared.counting.failed_refresh(),
    }
}

/// The right to refresh a key, given back when dropped.
struct Turn {
    keys: Arc<Keys>,
    key: Key,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.keys.0).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
