//! What somebody else writes into Redis is never taken for a value.

use std::{sync::Arc, time::Duration};

use palisade_cache::{
    Cache as _, CacheKey, Caching, Claimed, Error, Fetched, Lookup, Over, Recipe, RedisCache, SealKey, Ttl,
};
use palisade_core::{Secret, SystemClock, SystemRandom};
use palisade_redis::{
    Redis,
    redis::{Cmd, Value, cmd},
};
use palisade_testkit::{Events, redis_url};

use crate::support::{cache_at, connect, entry, key, tag, text, token};

/// A cache on the shared server, under a prefix of its own, and a value that somebody tampers with.
struct Scene {
    redis: Redis,
    prefix: String,
    cache: RedisCache,
    key: CacheKey,
    /// The value as it stands in Redis.
    frame: Vec<u8>,
}

impl Scene {
    async fn set() -> Self {
        let redis = connect(redis_url()).await;
        let prefix = format!("poisoned-{:x}:", token());
        let cache = cache_at(&redis, &prefix);
        let key = key("users:1");
        cache.set(entry(&key, "the true value")).await.unwrap();
        let frame = redis.query(cmd("GET").arg(format!("{prefix}{key}"))).await.unwrap();
        Self { redis, prefix, cache, key, frame }
    }

    fn name(&self, key: &CacheKey) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn tell(&self, command: &Cmd) {
        self.redis.query::<Value>(command).await.unwrap();
    }

    async fn put(&self, bytes: impl AsRef<[u8]>) {
        self.tell(cmd("SET").arg(self.name(&self.key)).arg(bytes.as_ref())).await;
    }

    async fn poisoned(&self) -> u64 {
        self.cache.stats().await.unwrap().poisoned
    }

    /// The poison is a miss, is told of once and is gone; and the key can be used again.
    async fn is_survived(&self, what: &str) {
        let events = Events::default();
        let _listening = events.listen();
        let before = self.poisoned().await;
        assert_eq!(self.cache.get(&self.key).await.unwrap(), None, "{what}");
        assert_eq!(self.poisoned().await, before + 1, "{what}");
        assert_eq!(self.redis.query(cmd("EXISTS").arg(self.name(&self.key))).await, Ok(0), "{what}");
        assert_eq!(self.cache.get(&self.key).await.unwrap(), None, "{what}");
        assert_eq!(
            (self.poisoned().await, events.seen()),
            (before + 1, vec!["cache.poisoned".to_owned()]),
            "{what}"
        );
        self.key_is_of_use(what).await;
    }

    async fn key_is_of_use(&self, what: &str) {
        let (key, claim) = (&self.key, token());
        let claimed = self.cache.claim(key, claim, Duration::from_secs(60), &[]).await.unwrap();
        assert_eq!(claimed, Claimed::Granted, "{what}");
        assert!(self.cache.fill(entry(key, "another"), Over::Claim(claim)).await.unwrap(), "{what}");
        assert_eq!(text(&self.cache, key).await.as_deref(), Some("another"), "{what}");
    }
}

/// The frame with some of its bytes changed.
fn with(frame: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut changed = frame.to_vec();
    changed.splice(at..at + bytes.len(), bytes.iter().copied());
    changed
}

#[tokio::test]
async fn a_text_that_is_no_frame_is_poison() {
    let scene = Scene::set().await;
    let lie = format!("v1 {}", "0".repeat(200));
    let texts = [
        "",
        "garbage",
        "{\"id\":1,\"admin\":true}",
        "v1 ",
        "v1 garbage",
        "v2 0123456789abcdef",
        "\0\0\0",
        "r1",
        "r1 whatever",
        "w1 ",
        "x1 ",
        "x1 a=b",
        "r1 0123456789abcdef",
        "w1 0123456789abcdef",
        "x1 0123456789abcdef=9999999999999",
        &lie,
    ];
    for text in texts {
        scene.put(text).await;
        scene.is_survived(text).await;
    }
}

#[tokio::test]
async fn a_frame_that_was_changed_is_poison() {
    let scene = Scene::set().await;
    let frame = &scene.frame;
    for end in [frame.len() - 1, 89, 88, 54, 19, 4, 3, 1] {
        scene.put(&frame[..end]).await;
        scene.is_survived(&format!("cut off at {end}")).await;
    }
    for at in 0..frame.len() {
        scene.put(with(frame, at, &[frame[at] ^ 1])).await;
        scene.is_survived(&format!("another byte at {at}")).await;
    }
    scene.put([frame, &b"!"[..]].concat()).await;
    scene.is_survived("one byte more").await;
    scene.put(with(frame, 20, b"ffffffff")).await;
    scene.is_survived("one that says it lives for ever").await;
    scene.put(frame.to_ascii_uppercase()).await;
    scene.is_survived("capitals").await;
    // And as it was, it is the value.
    scene.put(frame).await;
    assert_eq!(text(&scene.cache, &scene.key).await.as_deref(), Some("the true value"));
}

#[tokio::test]
async fn a_frame_of_another_key_or_seal_is_poison() {
    let scene = Scene::set().await;
    scene.cache.set(entry(&key("users:2"), "another user's")).await.unwrap();
    let other: Vec<u8> = scene.redis.query(cmd("GET").arg(scene.name(&key("users:2")))).await.unwrap();
    scene.put(other).await;
    scene.is_survived("a copy of another key").await;
    assert_eq!(text(&scene.cache, &key("users:2")).await.as_deref(), Some("another user's"));

    let seal = SealKey::derive(&Secret::new("another secret"));
    let stranger = RedisCache::new(scene.redis.clone(), &scene.prefix, seal, Arc::new(SystemClock));
    stranger.set(entry(&scene.key, "a stranger's")).await.unwrap();
    scene.is_survived("another seal").await;
}

#[tokio::test]
async fn what_is_no_text_is_poison() {
    let scene = Scene::set().await;
    let kinds: [(&str, &[&str]); 4] =
        [("RPUSH", &["v1 "]), ("HSET", &["v1 ", "r1 "]), ("SADD", &["w1 "]), ("ZADD", &["1", "x1 "])];
    for (command, arguments) in kinds {
        let poison = async || {
            scene.tell(cmd("DEL").arg(scene.name(&scene.key))).await;
            scene.tell(cmd(command).arg(scene.name(&scene.key)).arg(arguments)).await;
        };
        poison().await;
        scene.is_survived(command).await;
        // Where nobody has looked before, it is no claim and gives way.
        let (cache, key, minute) = (&scene.cache, &scene.key, Duration::from_secs(60));
        poison().await;
        scene.key_is_of_use(command).await;
        poison().await;
        assert!(!cache.renew(key, token(), minute).await.unwrap(), "{command}");
        assert!(!cache.fill(entry(key, "value"), Over::Claim(token())).await.unwrap(), "{command}");
        assert!(!cache.fill(entry(key, "value"), Over::Value(token())).await.unwrap(), "{command}");
        cache.release(key, token()).await.unwrap();
        assert!(!cache.delete(key).await.unwrap(), "{command}");
        poison().await;
        let write = token();
        cache.begin_write(key, write, minute).await.unwrap();
        cache.end_write(key, write, Some(entry(key, "written"))).await.unwrap();
        assert_eq!(text(cache, key).await.as_deref(), Some("written"), "{command}");
        poison().await;
        cache.end_write(key, write, None).await.unwrap();
        scene.key_is_of_use(command).await;
    }
}

#[tokio::test]
async fn poison_is_a_miss_among_many() {
    let scene = Scene::set().await;
    let keys: Vec<CacheKey> = (0..4).map(|number| key(&format!("k:{number}"))).collect();
    scene.cache.set_many(keys.iter().map(|key| entry(key, key.as_str())).collect()).await.unwrap();
    scene.tell(cmd("SET").arg(scene.name(&keys[1])).arg("garbage")).await;
    scene.tell(cmd("DEL").arg(scene.name(&keys[2]))).await;
    scene.tell(cmd("RPUSH").arg(scene.name(&keys[2])).arg("garbage")).await;
    for poisoned in [2, 2] {
        let found = scene.cache.get_many(&keys).await.unwrap();
        let found: Vec<bool> = found.iter().map(Option::is_some).collect();
        assert_eq!((found, scene.poisoned().await), (vec![true, false, false, true], poisoned));
    }
}

/// The claims of a reader, of a writer and of several writers, with tokens as long as ours with and without a seal.
fn foreign_claims() -> Vec<String> {
    let tokens = ["0123456789abcdef".to_owned(), "0123456789abcdef".repeat(3)];
    let claims = tokens.iter().flat_map(|token| {
        let writers = format!("x1 {token}=9999999999999 {token}=1");
        [format!("r1 {token}"), format!("r1 {token} {token}\ntag"), format!("w1 {token}"), writers]
    });
    claims.collect()
}

#[tokio::test]
async fn a_foreign_claim_gives_way_at_once_whatever_its_expiry() {
    let scene = Scene::set().await;
    let name = scene.name(&scene.key);
    for text in foreign_claims() {
        for millis in [Some(3_600_000), Some(50_000), None] {
            let put = async || {
                let mut set = cmd("SET");
                set.arg(&name).arg(&text);
                if let Some(millis) = millis {
                    set.arg("PX").arg(millis);
                }
                scene.tell(&set).await;
            };
            put().await;
            scene.is_survived(&text).await;
            put().await;
            scene.key_is_of_use(&text).await;
            put().await;
            let write = token();
            scene.cache.begin_write(&scene.key, write, Duration::from_secs(30)).await.unwrap();
            scene.cache.end_write(&scene.key, write, None).await.unwrap();
            scene.cache.end_write(&scene.key, write, None).await.unwrap();
            scene.key_is_of_use(&text).await;
            put().await;
            scene.cache.end_write(&scene.key, write, None).await.unwrap();
            scene.key_is_of_use(&text).await;
        }
    }
}

#[tokio::test]
async fn a_claim_of_ours_that_was_moved_or_prolonged_gives_way() {
    let scene = Scene::set().await;
    let (key, other, minute) = (&scene.key, key("users:2"), Duration::from_secs(60));
    let claimed = async |key: &CacheKey| scene.cache.claim(key, token(), minute, &[tag("t")]).await.unwrap();
    let reader = async || drop(claimed(key).await);
    let writer = async || scene.cache.begin_write(key, token(), minute).await.unwrap();
    let writers = async || {
        writer().await;
        writer().await;
    };
    for (which, stands) in [Claimed::Taken, Claimed::Writing, Claimed::Writing].into_iter().enumerate() {
        scene.cache.delete(key).await.unwrap();
        match which {
            0 => reader().await,
            1 => writer().await,
            _ => writers().await,
        }
        assert_eq!(claimed(key).await, stands, "it is ours");
        let bytes: Vec<u8> = scene.redis.query(cmd("GET").arg(scene.name(key))).await.unwrap();
        scene.tell(cmd("SET").arg(scene.name(&other)).arg(&bytes).arg("PX").arg(50_000)).await;
        assert_eq!(claimed(&other).await, Claimed::Granted, "it is another key's");
        scene.tell(cmd("SET").arg(scene.name(key)).arg(&bytes).arg("PX").arg(3_600_000)).await;
        assert_eq!(claimed(key).await, Claimed::Granted, "no claim lasts so long");
        scene.cache.delete(&other).await.unwrap();
    }
}

/// Nobody waits, the source is asked once, and the value is cached.
#[tokio::test]
async fn readers_of_a_key_with_a_foreign_claim_cache_its_value_at_once() {
    let scene = Scene::set().await;
    let caching = Caching::start(Arc::new(cache_at(&scene.redis, &scene.prefix)), Arc::new(SystemRandom));
    let recipe = Recipe::new(Ttl::from_seconds(60).unwrap());
    for text in foreign_claims() {
        scene.tell(cmd("SET").arg(scene.name(&scene.key)).arg(&text).arg("PX").arg(3_600_000)).await;
        for lookup in [Lookup::Miss, Lookup::Hit] {
            let fetched =
                caching.get_or_fetch::<_, Error, _>(&scene.key, &recipe, || async { Ok(7) }).await.unwrap();
            assert_eq!(fetched, Fetched { value: 7, lookup }, "{text}");
        }
    }
}

#[tokio::test]
async fn poison_in_the_place_of_a_tag_gives_way() {
    let scene = Scene::set().await;
    let set = format!("{}-tag:t", scene.prefix.trim_end_matches(':'));
    let tagged = || palisade_cache::Entry { tags: vec![tag("t")], ..entry(&scene.key, "value") };
    scene.tell(cmd("SET").arg(&set).arg("garbage")).await;
    assert_eq!(scene.cache.delete_tagged(&tag("t")).await.unwrap(), 0);
    scene.tell(cmd("SET").arg(&set).arg("garbage")).await;
    scene.cache.set(tagged()).await.unwrap();
    assert_eq!(scene.cache.delete_tagged(&tag("t")).await.unwrap(), 1);
    // Members that are no keys.
    scene.cache.set(tagged()).await.unwrap();
    scene.tell(cmd("ZADD").arg(&set).arg(1).arg(&b"\xff\xfe"[..]).arg(2).arg("").arg(3).arg("a\nb")).await;
    assert_eq!(scene.cache.delete_tagged(&tag("t")).await.unwrap(), 1);
    assert_eq!(scene.redis.query(cmd("EXISTS").arg(&set)).await, Ok(0));
}
