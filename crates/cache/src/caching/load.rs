//! Bringing the value of a key that has none.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{sleep, timeout};

use super::{LEASE, Shared, beside::beside};
use crate::{CacheKey, Claimed, Over, Recipe, Result, Tag, Token, Ttl};

/// How long a caller waits for another process to bring a value before it asks the source for itself.
const PATIENCE: Duration = Duration::from_secs(3);
/// How soon it looks again, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(25));

/// A value, and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched<V> {
    /// The value.
    pub value: V,
    /// Whether it was cached.
    pub lookup: Lookup,
}

/// Whether a value was cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// It was.
    Hit,
    /// It was asked of the source.
    Miss,
}

/// How long a value is to live; not at all when `None`.
pub(super) type TtlOf<V> = fn(&V, &Recipe) -> Option<Ttl>;

/// All that it takes to bring one value.
pub(super) struct Load<V> {
    pub(super) shared: Arc<Shared>,
    pub(super) key: CacheKey,
    pub(super) recipe: Recipe,
    pub(super) ttl_of: TtlOf<V>,
}

/// A value that was brought, for all who wait for it.
#[derive(Clone)]
pub(super) struct Loaded<V> {
    pub(super) fetched: Fetched<V>,
    /// Whether nobody has changed or forgotten the key since the value was read: it is true for those too who came while
    /// it was brought. Otherwise it may be older than they are.
    pub(super) current: bool,
}

impl<V: Serialize + DeserializeOwned> Load<V> {
    /// Waits for who brings it already, or fetches it and caches it.
    pub(super) async fn run<E, F>(self, fetch: impl FnOnce() -> F) -> Result<Loaded<V>, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let mut claim =
            Claim { shared: &self.shared, key: &self.key, token: self.shared.token(), held: false };
        // Whatever the branch, it is stored once.
        let fetching = pin!(self.fetch(fetch));
        let (value, lookup, current) = match self.claim(&mut claim).await {
            Bid::Won => {
                let value = self.renewing(&self.key, claim.token, fetching).await;
                let current = match &value {
                    Ok(value) => self.hand_in(value, &mut claim).await,
                    Err(_) => false,
                };
                claim.release().await;
                (value?, Lookup::Miss, current)
            }
            Bid::Found(value) => {
                self.shared.counting.hit();
                (value, Lookup::Hit, false)
            }
            Bid::Alone => (fetching.await?, Lookup::Miss, false),
        };
        Ok(Loaded { fetched: Fetched { value, lookup }, current })
    }

    /// Caches the value for the claim; says whether it stood until now.
    async fn hand_in(&self, value: &V, claim: &mut Claim<'_>) -> bool {
        let Some(ttl) = (self.ttl_of)(value, &self.recipe) else {
            let stands = self.shared.cache.renew(&self.key, claim.token, LEASE).await;
            return stands.inspect_err(|error| self.shared.counting.failed(error)).unwrap_or_default();
        };
        let kept = self.keep(value, ttl, Over::Claim(claim.token)).await;
        claim.held = !kept;
        kept
    }

    async fn fetch<E, F>(&self, fetch: impl FnOnce() -> F) -> Result<V, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        self.shared.counting.miss();
        self.shared.counting.fetch();
        fetch().await
    }

    /// Asks who may bring the value until that is clear, or patience is at an end.
    async fn claim(&self, claim: &mut Claim<'_>) -> Bid<V> {
        if self.shared.doubts.covers(&self.key) {
            return Bid::Alone;
        }
        // An answer that nobody waits for any more may have granted it.
        claim.held = true;
        let Ok(bid) = timeout(PATIENCE, self.bid(claim.token)).await else {
            self.shared.unanswered.insert(&self.key);
            return Bid::Alone;
        };
        claim.held = matches!(bid, Bid::Won);
        bid
    }

    async fn bid(&self, claim: Token) -> Bid<V> {
        let (mut pause, longest) = PAUSES;
        loop {
            match self.shared.cache.claim(&self.key, claim, LEASE, self.tags()).await {
                Ok(Claimed::Granted) => {
                    self.shared.unanswered.remove(&self.key);
                    return Bid::Won;
                }
                Ok(Claimed::Hit(hit)) => {
                    self.shared.unanswered.remove(&self.key);
                    if let Some((value, _)) = self.shared.read(&self.key, hit).await {
                        return Bid::Found(value);
                    }
                }
                Ok(Claimed::Taken) if self.shared.unanswered.contains(&self.key) => return Bid::Alone,
                Ok(Claimed::Taken) => {}
                Ok(Claimed::Writing) => return Bid::Alone,
                Err(error) => {
                    self.shared.counting.failed(&error);
                    return Bid::Alone;
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Carries out `work` and tells meanwhile that the one who holds the claim lives.
    pub(super) async fn renewing<T>(
        &self,
        key: &CacheKey,
        claim: Token,
        work: Pin<&mut impl Future<Output = T>>,
    ) -> T {
        let renewals = async {
            loop {
                sleep(LEASE / 3).await;
                if let Err(error) = self.shared.cache.renew(key, claim, LEASE).await {
                    self.shared.counting.failed(&error);
                }
            }
        };
        beside(work, renewals).await
    }

    /// Caches the value if nothing has happened to the key; says whether it did.
    pub(super) async fn keep(&self, value: &V, ttl: Ttl, over: Over) -> bool {
        if self.shared.doubts.covers(&self.key) {
            return false;
        }
        let entry = match self.shared.entry(self.key.clone(), value, ttl, self.tags()) {
            Ok(entry) => entry,
            Err(error) => {
                tracing::error!(namespace = self.key.namespace(), error = %error, "cache.unencodable");
                return false;
            }
        };
        match self.shared.cache.fill(entry, over).await {
            Ok(kept) => kept,
            Err(error) => {
                self.shared.counting.failed(&error);
                false
            }
        }
    }

    fn tags(&self) -> &[Tag] {
        &self.recipe.tags
    }
}

/// A claim that is given up when its holder goes.
struct Claim<'a> {
    shared: &'a Shared,
    key: &'a CacheKey,
    token: Token,
    /// Whether the backend may have granted it, and it is not spent.
    held: bool,
}

impl Claim<'_> {
    async fn release(&mut self) {
        if self.held {
            let _ends_by_itself = self.shared.cache.release(self.key, self.token).await;
            self.held = false;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if self.held {
            self.shared.abandon(self.key, self.token);
        }
    }
}

/// What became of the attempt to be the one who brings a value.
enum Bid<V> {
    /// This caller is.
    Won,
    /// Somebody else has brought it.
    Found(V),
    /// Nobody is: this caller asks the source and caches nothing.
    Alone,
}
