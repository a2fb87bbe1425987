//! Memory in front of Redis, in one process and in two.

use std::{sync::Arc, time::Duration};

use palisade_cache::{
    Cache, CacheFuture, CacheKey, Claimed, Entry, Hit, MemoryCache, MemoryOptions, Over, Pattern, RedisCache,
    Stats, Tag, TieredCache, Token,
    conformance::{self, Time},
};
use palisade_core::{SystemClock, SystemRandom, Timeline};
use palisade_redis::redis::{Value, cmd};
use palisade_testkit::{redis_url, servers::Redis as Server, wait};

use crate::support::{cache, calls, connect, connect_pooled, entry, has_near, key, tag, text, tiered, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tiers_pass_the_suite() {
    let redis = connect(redis_url()).await;
    conformance::cache(Arc::new(tiered(cache(&redis)).await), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tiers_pass_the_suite_over_a_pool() {
    let redis = connect_pooled(redis_url(), true).await;
    conformance::cache(Arc::new(tiered(cache(&redis)).await), Time::Real).await;
}

#[tokio::test]
async fn over_a_pool_without_an_address_each_read_asks_redis() {
    let server = Server::start().unwrap();
    let redis = connect_pooled(server.url(), false).await;
    let near = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let (cache, other) = (TieredCache::new(near, cache(&redis), Arc::new(SystemRandom)), cache(&redis));
    let key = key("users:1");
    for value in ["one", "two"] {
        other.set(entry(&key, value)).await.unwrap();
        let before = calls(&redis, "get").await;
        assert_eq!(text(&cache, &key).await.as_deref(), Some(value));
        assert_eq!(text(&cache, &key).await.as_deref(), Some(value));
        assert_eq!(calls(&redis, "get").await, before + 2);
    }
    assert!(!cache.is_listening());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_pass_the_suite_together() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let (writer, reader) = (tiered(cache(&redis)).await, tiered(cache(&redis)).await);
    conformance::cache(Arc::new(TwoProcesses { writer, reader, far: cache(&redis) }), Time::Real).await;
}

#[tokio::test]
async fn what_was_read_before_costs_no_round_trip() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let (cache, other) = (tiered(cache(&redis)).await, cache(&redis));
    let key = key("users:1");
    other.set(entry(&key, "one")).await.unwrap();
    has_near(&cache, &redis, &key, "one").await;
    let before = calls(&redis, "get").await;
    for _ in 0..100 {
        let hit = cache.get(&key).await.unwrap().unwrap();
        assert_eq!((&*hit.value, hit.ttl), (&b"one"[..], Duration::from_secs(3_600)));
        assert!(hit.left <= hit.ttl);
    }
    assert_eq!(calls(&redis, "get").await, before);
}

#[tokio::test]
async fn whatever_another_process_changes_is_seen() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let (reader, other) = (tiered(cache(&redis)).await, cache(&redis));
    let key = key("users:1");
    for change in 0..9 {
        let old = Entry { tags: vec![tag("t")], ..entry(&key, "old") };
        let version = old.version;
        other.set(old).await.unwrap();
        has_near(&reader, &redis, &key, "old").await;
        let new = || entry(&key, "new");
        match change {
            0 => other.set(new()).await.unwrap(),
            1 => other.set_many(vec![new()]).await.unwrap(),
            2 => assert!(other.fill(new(), Over::Value(version)).await.unwrap()),
            3 => assert!(other.delete(&key).await.unwrap()),
            4 => assert_eq!(other.delete_matching(&Pattern::everything()).await.unwrap(), 1),
            5 => assert_eq!(other.delete_tagged(&tag("t")).await.unwrap(), 1),
            6 => other.begin_write(&key, token(), Duration::from_millis(50)).await.unwrap(),
            // Of a write whose mark has expired.
            7 => other.end_write(&key, token(), Some(new())).await.unwrap(),
            // What Redis has let go of before its time is still near.
            _ => {
                redis.query::<Value>(cmd("DEL").arg("cache:users:1")).await.unwrap();
                other.delete_matching(&Pattern::new("users:*").unwrap()).await.unwrap();
            }
        }
        let wanted = (change <= 2).then_some("new");
        let seen = async || text(&reader, &key).await.as_deref() == wanted;
        wait::until(&format!("change {change} is seen"), seen).await;
    }
}

/// Two processes that share a server: one changes what the other reads.
#[derive(Debug)]
struct TwoProcesses {
    writer: TieredCache,
    reader: TieredCache,
    /// What is true.
    far: RedisCache,
}

impl TwoProcesses {
    /// What the reader finds, when it has heard of what was changed.
    async fn read(&self, keys: &[CacheKey]) -> palisade_cache::Result<Vec<Option<Hit>>> {
        let versions = |hits: &[Option<Hit>]| -> Vec<Option<Token>> {
            hits.iter().map(|hit| hit.as_ref().map(|hit| hit.version)).collect()
        };
        let deadline = wait::Deadline::new();
        loop {
            let mut found = Vec::new();
            for key in keys {
                found.push(self.reader.get(key).await?);
            }
            let many = self.reader.get_many(keys).await?;
            let wanted = versions(&self.far.get_many(keys).await?);
            if versions(&found) == wanted && versions(&many) == wanted {
                return Ok(found);
            }
            deadline.check("the reader has heard of the change", &(found, many, wanted));
        }
    }
}

impl Cache for TwoProcesses {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        CacheFuture::later(async move { Ok(self.read(std::slice::from_ref(key)).await?.remove(0)) })
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        CacheFuture::later(self.read(keys))
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        self.writer.set(entry)
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        self.writer.set_many(entries)
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        self.writer.delete(key)
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        self.writer.delete_matching(pattern)
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64> {
        self.writer.delete_tagged(tag)
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        self.reader.claim(key, claim, span, tags)
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        self.reader.renew(key, claim, span)
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        self.writer.fill(entry, over)
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.reader.release(key, claim)
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        self.writer.begin_write(key, write, span)
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        self.writer.end_write(key, write, written)
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        self.reader.stats()
    }
}
