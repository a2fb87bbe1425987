//! What everything that is cached shares.

mod beside;
mod change;
mod counters;
mod doubts;
mod flights;
mod load;
mod refresh;
mod sweeper;
mod unanswered;

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Random;
use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    change::Change,
    counters::Counters,
    load::{Fetched, Lookup},
};
use self::{
    counters::Counting,
    doubts::Doubts,
    flights::{Boarded, Flights},
    load::{Load, Loaded, TtlOf},
    refresh::Refreshers,
    sweeper::{Abandoned, Sweeper},
    unanswered::Unanswered,
};
use crate::{Cache, CacheKey, Entry, Hit, Pattern, Recipe, Result, Tag, Token, Ttl, codec};

/// How long others wait for the reader of a source that has stopped telling that it lives.
const LEASE: Duration = Duration::from_secs(1);

/// One cache with all that makes it safe to use: one fetch for any number of callers, nothing out of date brought back,
/// a lost backend that costs a miss and never an error. Clones share everything.
///
/// - **Single flight.** Of any number of callers who miss a key in this process, one fetches and all get its outcome;
///   when that one gives up, the others carry its fetch on. Of several processes one fetches, by a claim in the backend
///   that it keeps renewing; when it dies, another takes over within a second.
/// - **Failures are not cached.** All who wait for one fetch get its error, and the next caller tries again.
/// - **Writes** go through [`change`](Self::change): what it guards is read from the source until the cache is known to
///   have forgotten the old value, however the write ends and whatever happens to Redis meanwhile.
#[derive(Clone)]
pub struct Caching(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    refreshers: Refreshers,
    _sweeper: Sweeper,
}

/// What the tasks in the background need too.
struct Shared {
    cache: Arc<dyn Cache>,
    random: Arc<dyn Random>,
    flights: Arc<Flights>,
    doubts: Doubts,
    abandoned: Abandoned,
    unanswered: Unanswered,
    counting: Counting,
}

impl Caching {
    /// Caching in `cache`. Must be called on a runtime, where the task lives that makes sure of invalidations.
    #[must_use]
    pub fn start(cache: Arc<dyn Cache>, random: Arc<dyn Random>) -> Self {
        let shared = Arc::new(Shared {
            cache,
            random,
            flights: Arc::default(),
            doubts: Doubts::default(),
            abandoned: Abandoned::default(),
            unanswered: Unanswered::default(),
            counting: Counting::default(),
        });
        let sweeper = Sweeper::start(Arc::clone(&shared));
        Self(Arc::new(Inner { shared, refreshers: Refreshers::default(), _sweeper: sweeper }))
    }

    /// The cache itself.
    #[must_use]
    pub fn cache(&self) -> &dyn Cache {
        &*self.0.shared.cache
    }

    /// What has happened since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.shared.counting.read()
    }

    /// The value of a key, or what `fetch` gives, which is then cached.
    ///
    /// All who wait for one fetch get its error, hence `E: Clone`. Cloning a `palisade_core::Error` is cheap; an error
    /// that cannot be cloned is shared in an `Arc`.
    ///
    /// # Errors
    /// What `fetch` gives. A cache that fails is a miss.
    pub async fn get_or_fetch<V, E, F>(
        &self,
        key: &CacheKey,
        recipe: &Recipe,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Fetched<V>, E>
    where
        V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        E: Clone + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        self.fetched(key, recipe, |_, recipe| Some(recipe.ttl), fetch).await
    }

    /// The same for what may not exist, which is remembered too where the recipe has a negative time to live.
    ///
    /// # Errors
    /// What `fetch` gives.
    pub async fn find_or_fetch<V, E, F>(
        &self,
        key: &CacheKey,
        recipe: &Recipe,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Fetched<Option<V>>, E>
    where
        V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        E: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Option<V>, E>> + Send + 'static,
    {
        let ttl_of: TtlOf<Option<V>> =
            |value, recipe| if value.is_some() { Some(recipe.ttl) } else { recipe.negative_ttl };
        self.fetched(key, recipe, ttl_of, fetch).await
    }

    async fn fetched<V, E, F>(
        &self,
        key: &CacheKey,
        recipe: &Recipe,
        ttl_of: TtlOf<V>,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Fetched<V>, E>
    where
        V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        E: Clone + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let shared = &self.0.shared;
        let load = || Load { shared: Arc::clone(shared), key: key.clone(), recipe: recipe.clone(), ttl_of };
        if let Some((value, hit)) = shared.find::<V>(key).await {
            shared.counting.hit();
            if recipe.is_due(hit.ttl, hit.left) {
                self.0.refreshers.refresh(load(), hit.version, fetch);
            }
            return Ok(Fetched { value, lookup: Lookup::Hit });
        }
        let load = load();
        let loaded = match shared.flights.board(key, move || load.run(fetch)) {
            Boarded::Began(seat) => seat.landed().await,
            Boarded::Joined(seat, begin) => match seat.landed().await {
                // Somebody may have finished a write after the value was read and before this caller came. Whatever is
                // under way now began later than that.
                Ok(Loaded { current: false, .. }) => shared.flights.board(key, begin).seat().landed().await,
                loaded => loaded,
            },
        };
        loaded.map(|loaded| loaded.fetched)
    }

    /// The value of a key, if it is cached.
    pub async fn get<V: DeserializeOwned>(&self, key: &CacheKey) -> Option<V> {
        let found = self.0.shared.find(key).await;
        self.0.shared.counting.looked_up(found.is_some());
        found.map(|(value, _)| value)
    }

    /// The values of keys that are cached, in their order, in one round trip.
    pub async fn get_many<V: DeserializeOwned>(&self, keys: &[CacheKey]) -> Vec<Option<V>> {
        self.0.shared.find_many(keys).await
    }

    /// Caches a value, whatever was there. A cache that is out of reach goes without it.
    ///
    /// # Errors
    /// [`Error::Unencodable`](crate::Error::Unencodable).
    pub async fn set(&self, key: &CacheKey, value: &impl Serialize, recipe: &Recipe) -> Result<()> {
        self.set_many([(key.clone(), value)], recipe).await
    }

    /// Caches values in one round trip.
    ///
    /// # Errors
    /// [`Error::Unencodable`](crate::Error::Unencodable), and then none is cached.
    pub async fn set_many<'a, V: Serialize + 'a>(
        &self,
        values: impl IntoIterator<Item = (CacheKey, &'a V)>,
        recipe: &Recipe,
    ) -> Result<()> {
        let entries = values.into_iter().map(|(key, value)| self.entry(key, value, recipe));
        self.keep(entries.collect::<Result<_>>()?).await;
        Ok(())
    }

    /// A value as it will be kept.
    pub(crate) fn entry(&self, key: CacheKey, value: &impl Serialize, recipe: &Recipe) -> Result<Entry> {
        self.0.shared.entry(key, value, recipe.ttl, &recipe.tags)
    }

    /// Keeps values in one round trip. A cache that is out of reach goes without them.
    pub(crate) async fn keep(&self, entries: Vec<Entry>) {
        let shared = &self.0.shared;
        let keys: Vec<CacheKey> = entries.iter().map(|entry| entry.key.clone()).collect();
        if let Err(error) = shared.cache.set_many(entries).await {
            shared.counting.failed(&error);
            // Some of them may be there, others may still be what they were.
            keys.iter().for_each(|key| shared.doubts.cast(key));
        }
    }

    /// Begins a change of what a key stands for. Until it is [finished](Change::finish) everybody reads the source.
    pub async fn change(&self, key: &CacheKey) -> Change {
        Change::begin(Arc::clone(&self.0.shared), key.clone()).await
    }

    /// Forgets a key. What is out of date by now is not seen again, whatever becomes of the caller or the backend.
    pub async fn forget(&self, key: &CacheKey) {
        self.change(key).await.finish().await;
    }

    /// Forgets the keys of a pattern; says how many had a value.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); some may be forgotten.
    pub async fn forget_matching(&self, pattern: &Pattern) -> Result<u64> {
        self.0.shared.flights.detach_all();
        self.0.shared.cache.delete_matching(pattern).await
    }

    /// Forgets the keys with a tag; says how many had a value.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); some may be forgotten.
    pub async fn forget_tagged(&self, tag: &Tag) -> Result<u64> {
        self.0.shared.flights.detach_all();
        self.0.shared.cache.delete_tagged(tag).await
    }

    /// Ends what runs in the background, after `within` at most, with every invalidation that was still to be made sure
    /// of carried out if the backend can be reached.
    pub async fn close(&self, within: Duration) {
        self.0.refreshers.stop();
        let shared = &self.0.shared;
        if tokio::time::timeout(within, shared.doubts.cleared()).await.is_err() {
            let keys = shared.doubts.len();
            tracing::warn!(keys, "cache.invalidations_left");
        }
    }
}

impl Shared {
    /// A cached value that can be used; one that cannot be read is removed.
    async fn find<V: DeserializeOwned>(&self, key: &CacheKey) -> Option<(V, Hit)> {
        if self.doubts.covers(key) {
            return None;
        }
        match self.cache.get(key).await {
            Ok(hit) => self.read(key, hit?).await,
            Err(error) => {
                self.counting.failed(&error);
                None
            }
        }
    }

    async fn find_many<V: DeserializeOwned>(&self, keys: &[CacheKey]) -> Vec<Option<V>> {
        // Before the cache is asked: by the time it answers a doubt may be resolved that its answer is older than.
        let doubted: Vec<bool> = keys.iter().map(|key| self.doubts.covers(key)).collect();
        let hits = self.cache.get_many(keys).await;
        let hits = hits.inspect_err(|error| self.counting.failed(error)).unwrap_or_default();
        let hits = hits.into_iter().chain(std::iter::repeat(None));
        let mut found = Vec::with_capacity(keys.len());
        for ((key, doubted), hit) in keys.iter().zip(doubted).zip(hits) {
            let value = match hit.filter(|_| !doubted) {
                Some(hit) => self.read(key, hit).await.map(|(value, _)| value),
                None => None,
            };
            self.counting.looked_up(value.is_some());
            found.push(value);
        }
        found
    }

    async fn read<V: DeserializeOwned>(&self, key: &CacheKey, hit: Hit) -> Option<(V, Hit)> {
        if let Some(value) = codec::decode(&hit.value) {
            return Some((value, hit));
        }
        self.counting.poisoned();
        tracing::warn!(namespace = key.namespace(), backend = "codec", "cache.poisoned");
        if let Err(error) = self.cache.delete(key).await {
            self.counting.failed(&error);
        }
        None
    }

    fn entry(&self, key: CacheKey, value: &impl Serialize, ttl: Ttl, tags: &[Tag]) -> Result<Entry> {
        Ok(Entry {
            key,
            value: codec::encode(value)?,
            ttl: ttl.jittered(&*self.random),
            tags: tags.to_vec(),
            version: self.token(),
        })
    }

    fn token(&self) -> Token {
        Token::new(&*self.random)
    }
}

impl fmt::Debug for Caching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caching").field("cache", &self.0.shared.cache).finish_non_exhaustive()
    }
}
