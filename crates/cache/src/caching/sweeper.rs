//! The task that puts the backend right where nobody waits for it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle, time::sleep};

use super::{Shared, doubts::Next};
use crate::{CacheFuture, CacheKey, Pattern, Result, Token};

/// How soon a backend that does not answer is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// Claims that wait to be given up. Those beyond that end by themselves.
const MOST_CLAIMS: usize = 1_000;

/// Tells the cache what it has not been told. Dropping this ends it.
pub(super) struct Sweeper(JoinHandle<()>);

impl Sweeper {
    pub(super) fn start(shared: Arc<Shared>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = shared.doubts.heard.notified() => {}
                    () = shared.abandoned.heard.notified() => {}
                }
                for (key, claim) in shared.abandoned.take() {
                    let _ends_by_itself = shared.cache.release(&key, claim).await;
                }
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
        Next::Everything(number) => {
            let outcome = shared.cache.delete_matching(&Pattern::everything()).await;
            Some(outcome.map(|_| doubts.told_everything(number)))
        }
        Next::Keys(keys) if keys.is_empty() => None,
        Next::Keys(keys) => {
            let mut outcome = Ok(());
            for (key, number) in keys {
                // One that is refused must not keep the others from their turn.
                match shared.cache.delete(&key).await {
                    Ok(_) => doubts.told(&key, number),
                    Err(error) => outcome = Err(error),
                }
            }
            Some(outcome)
        }
    }
}

/// Claims whose holders have gone without giving them up, for which the next caller would have to wait.
#[derive(Default)]
pub(super) struct Abandoned {
    claims: Mutex<Vec<(CacheKey, Token)>>,
    heard: Notify,
}

impl Abandoned {
    fn take(&self) -> Vec<(CacheKey, Token)> {
        std::mem::take(&mut self.claims.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    /// Gives a claim up in the background, at once where the backend does not wait.
    pub(super) fn abandon(&self, key: &CacheKey, claim: Token) {
        if matches!(self.cache.release(key, claim), CacheFuture::Now(_)) {
            return;
        }
        let mut claims = self.abandoned.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.len() < MOST_CLAIMS {
            claims.push((key.clone(), claim));
        }
        drop(claims);
        self.abandoned.heard.notify_one();
    }
}
