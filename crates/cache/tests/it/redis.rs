//! The cache on real Redis servers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use palisade_cache::{
    Cache as _, CacheKey, Claimed, Entry, Over, Pattern,
    conformance::{self, Time},
};
use palisade_redis::{
    Redis,
    redis::{Value, cmd},
};
use palisade_testkit::{
    redis_url,
    servers::{Direction, Mode, Proxy, Redis as Server},
    wait,
};

use crate::support::{cache, cache_at, calls, connect, connect_pooled, entry, key, living, tag, text, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_passes_the_suite() {
    let redis = connect(redis_url()).await;
    conformance::cache(Arc::new(cache(&redis)), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_passes_the_suite_over_a_pool() {
    let redis = connect_pooled(redis_url(), false).await;
    conformance::cache(Arc::new(cache(&redis)), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_passes_the_suite_on_a_cluster_without_a_command_that_holds_it_up() {
    let server = Server::start_cluster().unwrap();
    let redis = connect(server.url()).await;
    conformance::cache(Arc::new(cache(&redis)), Time::Real).await;
    for command in ["keys", "mget", "mset", "flushall", "flushdb"] {
        assert_eq!(calls(&redis, command).await, 0, "{command}");
    }
    assert!(calls(&redis, "scan").await > 0 && calls(&redis, "get").await > 0, "what is called is counted");
}

fn proxy_url(proxy: &Proxy) -> String {
    format!("redis://127.0.0.1:{}", proxy.port())
}

async fn names(redis: &Redis) -> Vec<String> {
    let mut names: Vec<String> = redis.query(cmd("KEYS").arg("*")).await.unwrap();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn each_key_is_one_key_that_expires() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let cache = cache_at(&redis, "test:");
    let minute = Duration::from_secs(60);
    cache.set(Entry { tags: vec![tag("t")], ..entry(&key("set"), "value") }).await.unwrap();
    cache.set_many(vec![entry(&key("a"), "value"), entry(&key("b"), "value")]).await.unwrap();
    assert_eq!(cache.claim(&key("claimed"), token(), minute, &[tag("u")]).await.unwrap(), Claimed::Granted);
    let claim = token();
    cache.claim(&key("filled"), claim, minute, &[]).await.unwrap();
    assert!(cache.fill(entry(&key("filled"), "value"), Over::Claim(claim)).await.unwrap());
    cache.begin_write(&key("written"), token(), minute).await.unwrap();
    for _ in 0..2 {
        cache.begin_write(&key("written twice"), token(), minute).await.unwrap();
    }
    let wanted = [
        "test-tag:t",
        "test-tag:u",
        "test:a",
        "test:b",
        "test:claimed",
        "test:filled",
        "test:set",
        "test:written",
        "test:written twice",
    ];
    assert_eq!(names(&redis).await, wanted);
    for name in wanted {
        let left: i64 = redis.query(cmd("PTTL").arg(name)).await.unwrap();
        assert!((1..=3_600_000).contains(&left), "{name} lives for {left} ms");
    }
    let stats = cache.stats().await.unwrap();
    assert_eq!((stats.entries, stats.evictions, stats.poisoned), (4, None, 0), "values, not claims");
}

#[tokio::test]
async fn nothing_is_left_behind() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let cache = cache(&redis);
    let brief = Duration::from_millis(40);
    for number in 0..20 {
        let name = |kind: &str| key(&format!("{kind}:{number}"));
        let tags = vec![tag(&format!("tag {}", number % 3))];
        cache.set(Entry { tags: tags.clone(), ..living(&name("set"), "value", brief) }).await.unwrap();
        cache.claim(&name("claim"), token(), brief, &tags).await.unwrap();
        cache.begin_write(&name("write"), token(), brief).await.unwrap();
        cache.begin_write(&name("write"), token(), brief).await.unwrap();
    }
    // The server cleans up by itself; nobody asks for the keys again.
    wait::until("all keys expire", async || redis.query::<u64>(&cmd("DBSIZE")).await.unwrap() == 0).await;
}

#[tokio::test]
async fn a_tag_forgets_what_has_expired() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let cache = cache(&redis);
    let tagged = |entry: Entry| Entry { tags: vec![tag("t")], ..entry };
    for number in 0..50 {
        let brief = living(&key(&format!("brief:{number}")), "value", Duration::from_millis(20));
        cache.set(tagged(brief)).await.unwrap();
    }
    wait::until("only the new one is left", async || {
        cache.set(tagged(entry(&key("long"), "value"))).await.unwrap();
        redis.query::<u64>(cmd("ZCARD").arg("cache-tag:t")).await.unwrap() == 1
    })
    .await;
}

/// One deletes by a tag and has not finished when another tags a key that was just deleted.
#[tokio::test]
async fn a_tag_given_while_it_is_deleted_is_kept() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let (slow, redis) = (connect(proxy_url(&proxy)).await, connect(server.url()).await);
    let (slow, cache) = (cache(&slow), cache(&redis));
    let (set, claimed, claim, tag) = (key("set"), key("claimed"), token(), tag("t"));
    for key in [&set, &claimed] {
        cache.set(Entry { tags: vec![tag.clone()], ..entry(key, "old") }).await.unwrap();
    }
    proxy.set(Mode::Latency(Duration::from_millis(300))).unwrap();
    let others = async {
        wait::until("they are deleted", async || {
            text(&cache, &set).await.is_none() && text(&cache, &claimed).await.is_none()
        })
        .await;
        cache.set(Entry { tags: vec![tag.clone()], ..entry(&set, "new") }).await.unwrap();
        cache.claim(&claimed, claim, Duration::from_secs(60), std::slice::from_ref(&tag)).await.unwrap()
    };
    let (deleted, claimed_then) = tokio::join!(slow.delete_tagged(&tag), others);
    assert_eq!((deleted.unwrap(), claimed_then), (2, Claimed::Granted));
    assert_eq!(cache.delete_tagged(&tag).await.unwrap(), 1);
    assert!(!cache.fill(entry(&claimed, "out of date"), Over::Claim(claim)).await.unwrap());
}

/// One has begun to claim a key under a tag when another deletes by it.
#[tokio::test]
async fn a_claim_made_while_its_tag_is_deleted_has_the_tag() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let (slow, redis) = (connect(proxy_url(&proxy)).await, connect(server.url()).await);
    let (slow, cache) = (cache(&slow), cache(&redis));
    let (key, claim, tags) = (key("k"), token(), [tag("t")]);
    proxy.set(Mode::Latency(Duration::from_millis(300))).unwrap();
    let deletion = async {
        wait::until("the claim has begun", async || !names(&redis).await.is_empty()).await;
        cache.delete_tagged(&tags[0]).await.unwrap();
    };
    let (claimed, ()) = tokio::join!(slow.claim(&key, claim, Duration::from_secs(60), &tags), deletion);
    assert_eq!(claimed.unwrap(), Claimed::Granted);
    // Only now is the source read, and changed once more.
    cache.delete_tagged(&tags[0]).await.unwrap();
    assert!(!cache.fill(entry(&key, "out of date"), Over::Claim(claim)).await.unwrap());
}

/// Redis reads a large value in pieces and serves others in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_large_value_does_not_lose_its_tag() {
    let server = Server::start().unwrap();
    let (one, other) = (connect(server.url()).await, connect(server.url()).await);
    let (cache, deleting) = (cache(&one), cache(&other));
    let (key, tag, value) = (key("large"), tag("t"), "x".repeat(4 << 20));
    for _ in 0..20 {
        let is_set = AtomicBool::new(false);
        let set = async {
            cache.set(Entry { tags: vec![tag.clone()], ..entry(&key, &value) }).await.unwrap();
            is_set.store(true, Ordering::SeqCst);
        };
        let deletions = async {
            while !is_set.load(Ordering::SeqCst) {
                deleting.delete_tagged(&tag).await.unwrap();
            }
        };
        tokio::join!(set, deletions);
        deleting.delete_tagged(&tag).await.unwrap();
        assert_eq!(cache.get(&key).await.unwrap(), None);
    }
}

#[tokio::test]
async fn many_keys_take_one_round_trip() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let direct = connect(server.url()).await;
    let cache = cache(&connect(proxy_url(&proxy)).await);
    let keys: Vec<CacheKey> = (0..100).map(|number| key(&format!("k:{number}"))).collect();
    // All hundred reach the server before the first answer comes back.
    let hold_answers = || proxy.set_one_way(Direction::Answers, Mode::BlackHole).unwrap();
    hold_answers();
    let set = cache.set_many(keys.iter().map(|key| entry(key, key.as_str())).collect());
    let set_all = async {
        let size = async || direct.query::<u64>(&cmd("DBSIZE")).await.unwrap();
        wait::until("a hundred keys are set", async || size().await == 100).await;
        proxy.set(Mode::Pass).unwrap();
    };
    let (set, ()) = tokio::join!(set, set_all);
    set.unwrap();
    hold_answers();
    let get_all = async {
        wait::until("a hundred keys are read", async || calls(&direct, "get").await == 100).await;
        proxy.set(Mode::Pass).unwrap();
    };
    let (found, ()) = tokio::join!(async { cache.get_many(&keys).await }, get_all);
    let found = found.unwrap();
    assert!(found.iter().zip(&keys).all(|(hit, key)| hit.as_ref().unwrap().value == key.as_str()));
    assert_eq!((calls(&direct, "get").await, calls(&direct, "mget").await), (100, 0));
}

#[tokio::test]
async fn caches_with_other_prefixes_are_apart() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let odd = cache_at(&redis, "c*[a-z]?\\:");
    let neighbours =
        ["c:", "cx:", "cxay:", "cxaz\\:", "c*[a-z]?:", "c*[a-z]x\\:"].map(|prefix| cache_at(&redis, prefix));
    let key = key("users:1");
    for neighbour in &neighbours {
        neighbour.set(Entry { tags: vec![tag("t")], ..entry(&key, "stays") }).await.unwrap();
    }
    redis.query::<Value>(cmd("SET").arg("a stranger's").arg("stays")).await.unwrap();
    odd.set(entry(&key, "goes")).await.unwrap();
    assert_eq!(odd.stats().await.unwrap().entries, 1);
    assert_eq!(odd.delete_matching(&Pattern::everything()).await.unwrap(), 1);
    assert_eq!(odd.delete_tagged(&tag("t")).await.unwrap(), 0);
    assert_eq!(odd.get(&key).await.unwrap(), None);
    for neighbour in &neighbours {
        assert_eq!(text(neighbour, &key).await.as_deref(), Some("stays"), "{neighbour:?}");
        assert_eq!(neighbour.delete_tagged(&tag("t")).await.unwrap(), 1, "{neighbour:?}");
    }
    assert_eq!(names(&redis).await, ["a stranger's"]);
}

#[tokio::test]
async fn goes_on_after_the_scripts_were_flushed() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let cache = cache(&redis);
    for _ in 0..2 {
        let (key, claim, minute) = (key("k"), token(), Duration::from_secs(60));
        let flush = async || redis.query::<Value>(cmd("SCRIPT").arg("FLUSH")).await.unwrap();
        flush().await;
        assert_eq!(cache.claim(&key, claim, minute, &[tag("t")]).await.unwrap(), Claimed::Granted);
        flush().await;
        assert!(cache.renew(&key, claim, minute).await.unwrap());
        flush().await;
        assert!(cache.fill(entry(&key, "value"), Over::Claim(claim)).await.unwrap());
        flush().await;
        cache.release(&key, claim).await.unwrap();
        let write = token();
        cache.begin_write(&key, write, minute).await.unwrap();
        flush().await;
        cache.end_write(&key, write, Some(entry(&key, "written"))).await.unwrap();
        assert_eq!(text(&cache, &key).await.as_deref(), Some("written"));
        flush().await;
        assert!(cache.delete(&key).await.unwrap());
    }
}

/// The clock of Redis starts later than that of the one who sets a value, by the time that it takes to tell.
#[tokio::test]
async fn a_value_that_has_expired_here_can_be_claimed_at_once() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let cache = cache(&redis);
    cache.set(living(&key("k"), "value", Duration::from_millis(20))).await.unwrap();
    redis.query::<Value>(cmd("PERSIST").arg("cache:k")).await.unwrap();
    wait::until("it expires", async || text(&cache, &key("k")).await.is_none()).await;
    let claimed = cache.claim(&key("k"), token(), Duration::from_secs(60), &[]).await.unwrap();
    assert_eq!(claimed, Claimed::Granted);
    assert_eq!(cache.stats().await.unwrap().poisoned, 0);
}
