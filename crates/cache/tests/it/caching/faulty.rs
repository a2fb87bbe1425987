//! A cache that can be lost and slowed down at a chosen step.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use palisade_cache::{
    Cache, CacheFuture, CacheKey, Claimed, Entry, Error, Hit, MemoryCache, Over, Pattern, Stats, Tag, Token,
};
use tokio::sync::Semaphore;

/// Permits enough for a whole test.
const OPEN: usize = 1_000_000;

/// Lets nobody through until it is opened.
pub(crate) fn close(gate: &Semaphore) {
    gate.forget_permits(OPEN);
}

pub(crate) fn open(gate: &Semaphore) {
    gate.add_permits(OPEN);
}

/// Memory that is reached as if it were elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Faulty {
    pub(crate) inner: Arc<MemoryCache>,
    lost: Arc<AtomicBool>,
    waiting: Arc<AtomicUsize>,
    claims: Arc<AtomicUsize>,
    /// What has been deleted is told when there is a permit.
    pub(crate) deleted: Arc<Semaphore>,
    /// And so is what has been read together.
    pub(crate) read: Arc<Semaphore>,
}

impl Faulty {
    pub(crate) fn new(inner: MemoryCache) -> Self {
        Self::of(Arc::new(inner))
    }

    /// The same memory as another process reaches it.
    pub(crate) fn elsewhere(&self) -> Self {
        Self::of(Arc::clone(&self.inner))
    }

    fn of(inner: Arc<MemoryCache>) -> Self {
        let open = || Arc::new(Semaphore::new(OPEN));
        let (lost, waiting, claims) = Default::default();
        Self { inner, lost, waiting, claims, deleted: open(), read: open() }
    }

    /// How many wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// How often it was asked who may bring a value.
    pub(crate) fn claims(&self) -> usize {
        self.claims.load(Ordering::SeqCst)
    }

    pub(crate) fn lose(&self, lost: bool) {
        self.lost.store(lost, Ordering::SeqCst);
    }

    fn ask<'a, T: Send>(
        &'a self,
        answer: impl Future<Output = Result<T, Error>> + Send + 'a,
    ) -> CacheFuture<'a, T> {
        CacheFuture::later(async move {
            match self.lost.load(Ordering::SeqCst) {
                true => Err(Error::unavailable("lost")),
                false => answer.await,
            }
        })
    }

    async fn told<T>(&self, gate: &Semaphore, answer: Result<T, Error>) -> Result<T, Error> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _permit = gate.acquire().await.unwrap();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

impl Cache for Faulty {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        self.ask(async move { self.inner.get(key).await })
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        self.ask(async move { self.told(&self.read, self.inner.get_many(keys).await).await })
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        self.ask(async move { self.inner.set(entry).await })
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        self.ask(async move { self.inner.set_many(entries).await })
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        self.ask(async move { self.told(&self.deleted, self.inner.delete(key).await).await })
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        self.ask(async move { self.told(&self.deleted, self.inner.delete_matching(pattern).await).await })
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64> {
        self.ask(async move { self.inner.delete_tagged(tag).await })
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        self.ask(async move { self.inner.claim(key, claim, span, tags).await })
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        self.ask(async move { self.inner.renew(key, claim, span).await })
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        self.ask(async move { self.inner.fill(entry, over).await })
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.ask(async move { self.inner.release(key, claim).await })
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        self.ask(async move { self.inner.begin_write(key, write, span).await })
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        self.ask(async move { self.inner.end_write(key, write, written).await })
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        self.ask(async move { self.inner.stats().await })
    }
}
