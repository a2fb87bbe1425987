//! Memory in front of Redis, in one process and in two.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_cache::{
    Answer, Cache, Claimed, Entry, Hit, Key, Over, Pattern, RedisCache, Stats, Tag, TieredCache, Token,
    conformance::{self, Time},
};
use palisade_testkit::{redis_url, servers::Redis as Server};

use crate::support::{SEEN_WITHIN, cache, calls, connect, entry, eventually, key, text, tiered};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tiers_pass_the_suite() {
    let redis = connect(redis_url()).await;
    conformance::cache(Arc::new(tiered(cache(&redis)).await), Time::Real).await;
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
    // Its own message may still be on its way and then ends the first copy.
    eventually(SEEN_WITHIN, "a copy is near", async || {
        let before = calls(&redis, "get").await;
        assert_eq!(text(&cache, &key).await.as_deref(), Some("one"));
        calls(&redis, "get").await == before
    })
    .await;
    let before = calls(&redis, "get").await;
    for _ in 0..100 {
        let hit = cache.get(&key).await.unwrap().unwrap();
        assert_eq!((&*hit.value, hit.ttl), (&b"one"[..], Duration::from_secs(60)));
        assert!(hit.left <= hit.ttl);
    }
    assert_eq!(calls(&redis, "get").await, before);
    other.set(entry(&key, "two")).await.unwrap();
    eventually(SEEN_WITHIN, "the change is seen", async || {
        text(&cache, &key).await.as_deref() == Some("two")
    })
    .await;
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
    async fn read(&self, keys: &[Key]) -> palisade_cache::Result<Vec<Option<Hit>>> {
        let versions = |hits: &[Option<Hit>]| -> Vec<Option<Token>> {
            hits.iter().map(|hit| hit.as_ref().map(|hit| hit.version)).collect()
        };
        let start = Instant::now();
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
            assert!(start.elapsed() < SEEN_WITHIN, "a change is not seen: {found:?}, {many:?}, {wanted:?}");
        }
    }
}

impl Cache for TwoProcesses {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Hit>> {
        Answer::later(async move { Ok(self.read(std::slice::from_ref(key)).await?.remove(0)) })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Vec<Option<Hit>>> {
        Answer::later(self.read(keys))
    }

    fn set(&self, entry: Entry) -> Answer<'_, ()> {
        self.writer.set(entry)
    }

    fn set_many(&self, entries: Vec<Entry>) -> Answer<'_, ()> {
        self.writer.set_many(entries)
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Answer<'a, bool> {
        self.writer.delete(key)
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        self.writer.delete_matching(pattern)
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> Answer<'a, u64> {
        self.writer.delete_tagged(tag)
    }

    fn claim<'a>(
        &'a self,
        key: &'a Key,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> Answer<'a, Claimed> {
        self.reader.claim(key, claim, span, tags)
    }

    fn renew<'a>(&'a self, key: &'a Key, claim: Token, span: Duration) -> Answer<'a, bool> {
        self.reader.renew(key, claim, span)
    }

    fn fill(&self, entry: Entry, over: Over) -> Answer<'_, bool> {
        self.writer.fill(entry, over)
    }

    fn release<'a>(&'a self, key: &'a Key, claim: Token) -> Answer<'a, ()> {
        self.reader.release(key, claim)
    }

    fn begin_write<'a>(&'a self, key: &'a Key, write: Token, span: Duration) -> Answer<'a, ()> {
        self.writer.begin_write(key, write, span)
    }

    fn end_write<'a>(&'a self, key: &'a Key, write: Token, written: Option<Entry>) -> Answer<'a, ()> {
        self.writer.end_write(key, write, written)
    }

    fn stats(&self) -> Answer<'_, Stats> {
        self.reader.stats()
    }
}
