//! `api cache`.

use palisade_testkit::{PASSWORD, servers::Redis, wait};
use serde_json::{Value, json};

use super::harness::{Running, SECRET, Setup};

/// A server that caches on a Redis, with one user who has been read; the user's id and a token.
struct Cached {
    setup: Setup,
    running: Running,
    client: reqwest::Client,
    id: String,
    token: String,
}

impl Cached {
    async fn start(redis: &Redis, backend: &str) -> Self {
        let setup = Setup::new()
            .set("APP_ENVIRONMENT", "test")
            .set("AUTH_JWT_SECRET", SECRET)
            .set("REDIS_URL", redis.url())
            // A machine too busy to answer in time has no hits.
            .set("REDIS_TIMEOUT_MS", "30000")
            .set("CACHE_ENABLED", "true")
            .set("CACHE_BACKEND", backend);
        let running = setup.start().await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let ann = json!({"email": "ann@example.com", "username": "ann", "password": PASSWORD});
        let post = async |path: &str, body: &Value| -> Value {
            client.post(running.url(path)).json(body).send().await.unwrap().json().await.unwrap()
        };
        let id = post("/api/v1/auth/register", &ann).await["id"].as_str().unwrap().to_owned();
        let login = json!({"username": "ann", "password": PASSWORD});
        let token = post("/api/v1/auth/login", &login).await["access_token"].as_str().unwrap().to_owned();
        let cached = Self { setup, running, client, id, token };
        assert_eq!(cached.read().await, "miss");
        cached
    }

    /// Reads the user; says where it came from.
    async fn read(&self) -> String {
        let url = self.running.url(&format!("/api/v1/users/{}", self.id));
        let answer = self.client.get(url).bearer_auth(&self.token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.headers()["x-cache"].to_str().unwrap().to_owned()
    }

    async fn reads(&self, wanted: &str) {
        // What another process says reaches the memory of this one a little later.
        wait::until(wanted, async || self.read().await == wanted).await;
    }

    async fn cache(&self, arguments: &[&str], code: i32) -> String {
        let arguments: Vec<&str> = ["cache"].iter().chain(arguments).copied().collect();
        let ended = self.setup.command(&arguments).run().await.expect(code);
        format!("{}{}", ended.stdout, ended.stderr)
    }
}

#[tokio::test]
async fn shows_what_is_cached_and_forgets_it_in_every_process() {
    let redis = Redis::start().unwrap();
    for backend in ["redis", "tiered"] {
        let cached = Cached::start(&redis, backend).await;
        let key = format!("users:{}", cached.id);
        cached.reads("hit").await;
        let stats = cached.cache(&["stats"], 0).await;
        for line in ["enabled   true", &format!("backend   {backend}"), "prefix    cache:", "entries   1"] {
            assert!(stats.lines().any(|shown| shown == line), "no {line:?} in\n{stats}");
        }
        // By its name, and as redis-cli shows it.
        for name in [key.clone(), format!("cache:{key}")] {
            let value: Value = serde_json::from_str(&cached.cache(&["get", &name], 0).await).unwrap();
            assert_eq!(value["email"], "ann@example.com");
        }
        assert_eq!(cached.cache(&["delete", &key], 0).await.trim(), "forgot 1 value");
        cached.reads("miss").await;
        cached.reads("hit").await;
        // A pattern means whole keys.
        let shorter = &key[..key.len() - 1];
        assert_eq!(cached.cache(&["clear", "--pattern", shorter], 0).await.trim(), "forgot 0 values");
        cached.reads("hit").await;
        assert_eq!(cached.cache(&["clear", "--pattern", "users:*"], 0).await.trim(), "forgot 1 value");
        cached.reads("miss").await;
        cached.reads("hit").await;
        assert_eq!(cached.cache(&["clear"], 0).await.trim(), "forgot 1 value");
        cached.reads("miss").await;
        assert!(cached.cache(&["get", "users:nobody"], 1).await.contains("no value under users:nobody"));
        cached.cache(&["clear"], 0).await;
    }
}

#[tokio::test]
async fn says_why_there_is_nothing_to_see() {
    let alone = Setup::new().set("CACHE_ENABLED", "true");
    alone.command(&["cache", "stats"]).run().await.expect(1).says(&["in its own memory", "REDIS_URL"]);
    Setup::new()
        .command(&["cache", "stats"])
        .run()
        .await
        .expect(1)
        .says(&["the cache is off", "CACHE_ENABLED"]);
    let redis = Redis::start().unwrap();
    let setup = Setup::new().set("REDIS_URL", redis.url());
    let off = setup.command(&["cache", "stats"]).run().await.expect(0).stdout;
    assert_eq!(
        off, "enabled   false\nprefix    cache:\nentries   0\nbytes     0\n",
        "what is off has no backend"
    );
    setup.command(&["cache", "get", "users:\n"]).run().await.expect(1).says(&["control character"]);
    setup.command(&["cache", "get", &"k".repeat(513)]).run().await.expect(1).says(&["512 bytes"]);
    setup.command(&["cache", "clear", "--pattern", "a\\"]).run().await.expect(1).says(&["pattern"]);
    redis.kill().unwrap();
    setup.command(&["cache", "stats"]).run().await.expect(1).says(&["Redis is lost"]);
}

#[tokio::test]
async fn settings_of_the_cache_that_cannot_be_are_named() {
    let wrong = [
        ("CACHE_STRATEGY", "write_around", "refresh_ahead"),
        ("CACHE_STRATEGY", "write_behind", "before a change is acknowledged"),
        ("CACHE_BACKEND", "memcached", "tiered"),
        ("CACHE_BACKEND", "redis", "REDIS_URL"),
        ("CACHE_DEFAULT_TTL_SECONDS", "0", "from 1"),
        ("CACHE_DEFAULT_TTL_SECONDS", "-1", "from 1"),
        ("CACHE_PREFIX", ":", "empty"),
        ("CACHE_MAX_ENTRIES", "0", "1 or more"),
    ];
    for (name, value, reason) in wrong {
        let ended = Setup::new().set(name, value).command(&["config", "check"]).run().await;
        ended.expect(2).says(&[name, reason]);
    }
    let old = Setup::new().set("CACHE_TTL_DEFAULT", "60");
    let shown = old.command(&["config", "explain", "cache.default_ttl_seconds"]).run().await.expect(0);
    assert!(shown.stdout.contains("60") && shown.stdout.contains("CACHE_TTL_DEFAULT"), "{}", shown.stdout);
}
