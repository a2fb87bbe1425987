//! Users that are kept at hand, and never for the wrong eyes or too long.

mod aborted;
mod outages;
mod reads;
mod writes;

use std::sync::Arc;

use palisade_redis::{
    Redis, Settings,
    redis::{Cmd, FromRedisValue},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{Call, TestApp, TestAppBuilder, TestResponse, TestUser, servers};

/// What the processes of one deployment share.
const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";

/// A server that caches in memory, or in the way `backend` says on the Redis at `url`.
fn cached(backend: &str, url: Option<&str>) -> TestAppBuilder {
    let builder = TestApp::builder().set("cache.enabled", true).set("cache.backend", backend);
    let builder = builder.set("auth.jwt_secret", SECRET);
    match url {
        // A machine too busy to answer in time has no hits.
        Some(url) => builder.set("redis.url", url).set("redis.timeout_ms", 30_000),
        None => builder,
    }
}

/// A Redis of the test's own, and a connection to look into it.
struct Shared {
    server: servers::Redis,
    look: Redis,
}

impl Shared {
    async fn start() -> Arc<Self> {
        let server = servers::Redis::start().unwrap();
        let settings = Settings { timeout_ms: 10_000, ..Settings::for_url(server.url()) };
        let look = Redis::connect(&settings, &Off::shared()).await.unwrap().unwrap();
        Arc::new(Self { server, look })
    }

    fn url(&self) -> String {
        self.server.url()
    }

    async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = Cmd::new();
        words.iter().for_each(|word| {
            command.arg(*word);
        });
        self.look.query(&command).await.unwrap()
    }
}

fn path(user: &TestUser) -> String {
    format!("/api/v1/users/{}", user.id)
}

/// The user as they see themselves.
fn own(app: &TestApp, user: &TestUser) -> Call {
    app.get(&path(user)).token(&user.access_token)
}

/// Where the answer came from.
fn source(answer: &TestResponse) -> &str {
    answer.header("x-cache")
}
