//! No cache at all.

use std::time::Duration;

use crate::{Cache, CacheFuture, CacheKey, Claimed, Entry, Hit, Over, Pattern, Stats, Tag, Token};

/// Keeps nothing and always says so: what uses a cache goes on without one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get<'a>(&'a self, _key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        CacheFuture::now(None)
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        CacheFuture::now(vec![None; keys.len()])
    }

    fn set(&self, _entry: Entry) -> CacheFuture<'_, ()> {
        CacheFuture::now(())
    }

    fn set_many(&self, _entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        CacheFuture::now(())
    }

    fn delete<'a>(&'a self, _key: &'a CacheKey) -> CacheFuture<'a, bool> {
        CacheFuture::now(false)
    }

    fn delete_matching<'a>(&'a self, _pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        CacheFuture::now(0)
    }

    fn delete_tagged<'a>(&'a self, _tag: &'a Tag) -> CacheFuture<'a, u64> {
        CacheFuture::now(0)
    }

    fn claim<'a>(&'a self, _: &'a CacheKey, _: Token, _: Duration, _: &'a [Tag]) -> CacheFuture<'a, Claimed> {
        CacheFuture::now(Claimed::Granted)
    }

    fn renew<'a>(&'a self, _key: &'a CacheKey, _claim: Token, _span: Duration) -> CacheFuture<'a, bool> {
        CacheFuture::now(true)
    }

    fn fill(&self, _entry: Entry, _over: Over) -> CacheFuture<'_, bool> {
        CacheFuture::now(false)
    }

    fn release<'a>(&'a self, _key: &'a CacheKey, _claim: Token) -> CacheFuture<'a, ()> {
        CacheFuture::now(())
    }

    fn begin_write<'a>(&'a self, _key: &'a CacheKey, _write: Token, _span: Duration) -> CacheFuture<'a, ()> {
        CacheFuture::now(())
    }

    fn end_write<'a>(
        &'a self,
        _key: &'a CacheKey,
        _write: Token,
        _written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        CacheFuture::now(())
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        CacheFuture::now(Stats::default())
    }
}
