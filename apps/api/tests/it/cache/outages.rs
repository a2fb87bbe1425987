//! Redis is lost, and nobody notices.

use palisade_testkit::{
    TestApp, TestUser,
    servers::{Mode, Proxy},
    wait,
};
use serde_json::json;

use super::{Shared, cached, own, path, source};
use crate::support::until;

async fn rename(app: &TestApp, ann: &TestUser, name: &str) {
    let patch = app.patch("/api/v1/users/me").token(&ann.access_token).json(&json!({"name": name}));
    patch.await.expect(200);
}

/// What is changed while Redis is away is not what Redis remembers when it is back.
async fn forgets_nothing(backend: &str, harm: impl Fn(&Shared, &Proxy), heal: impl Fn(&Shared, &Proxy)) {
    let shared = Shared::start().await;
    let proxy = Proxy::start(shared.server.port()).unwrap();
    let app = cached(backend, Some(&format!("redis://127.0.0.1:{}", proxy.port())));
    let app = app.set("redis.timeout_ms", 100).spawn().await;
    let (root, ann) = (app.admin().await, app.register("ann").await);
    let read = || app.get(&path(&ann)).token(&root.access_token);
    until(read, |answer| source(answer) == "hit").await;
    harm(&shared, &proxy);
    wait::end_of("a write without Redis", rename(&app, &ann, "Ann Two")).await;
    for _ in 0..10 {
        let answer = read().await.expect(200);
        assert_eq!((source(&answer), &answer.json()["name"]), ("miss", &json!("Ann Two")));
    }
    heal(&shared, &proxy);
    let hit = until(read, |answer| {
        assert_eq!(answer.json()["name"], "Ann Two", "{backend}: Redis remembers what is no longer so");
        source(answer) == "hit"
    });
    hit.await;
}

#[tokio::test]
async fn a_frozen_redis_costs_a_miss_and_brings_nothing_back() {
    for backend in ["redis", "tiered"] {
        let freeze = |shared: &Shared, _: &Proxy| shared.server.freeze().unwrap();
        forgets_nothing(backend, freeze, |shared, _| shared.server.thaw().unwrap()).await;
    }
}

#[tokio::test]
async fn a_network_that_swallows_or_resets_costs_a_miss_and_brings_nothing_back() {
    for backend in ["redis", "tiered"] {
        for mode in [Mode::BlackHole, Mode::Reset, Mode::Refuse] {
            let harm = move |_: &Shared, proxy: &Proxy| proxy.set(mode).unwrap();
            forgets_nothing(backend, harm, |_, proxy| proxy.set(Mode::Pass).unwrap()).await;
        }
    }
}

#[tokio::test]
async fn while_redis_is_lost_a_read_sends_it_nothing() {
    let shared = Shared::start().await;
    let proxy = Proxy::start(shared.server.port()).unwrap();
    let app = cached("redis", Some(&format!("redis://127.0.0.1:{}", proxy.port())));
    let app = app.set("redis.timeout_ms", 100).spawn().await;
    let ann = app.register("ann").await;
    own(&app, &ann).await.expect(200);
    proxy.set(Mode::BlackHole).unwrap();
    own(&app, &ann).await.expect(200);
    until(|| app.get("/api/v1/health/ready"), |answer| answer.json()["checks"]["redis"] == "degraded").await;
    // What looks for the server connects anew, and nothing is read of a connection that is made in a black hole.
    let before = proxy.traffic().questions;
    for _ in 0..100 {
        own(&app, &ann).await.expect(200);
    }
    assert_eq!(proxy.traffic().questions, before, "nobody asks it and waits for an answer");
}
