//! Redis is lost: every call says so, most of them without asking, and the near tier is silent when it cannot know.

use std::{cell::RefCell, time::Duration};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use palisade_cache::{Cache, Error, Over, Pattern, Result};
use palisade_redis::{Redis, State};
use palisade_testkit::{
    servers::{Mode, Proxy, Redis as Server},
    wait,
};

use crate::support::{
    cache, calls, connect, connect_pooled_within, connect_within, entry, has_near, key, tag, text, tiered,
    token,
};

/// The time limit of a command: short against a second, long for a busy machine.
const TIMEOUT: Duration = Duration::from_millis(250);

async fn connect_to(port: u16) -> Redis {
    connect_within(format!("redis://127.0.0.1:{port}"), TIMEOUT).await
}

/// One call of each method, each with its name.
async fn each_method(cache: &dyn Cache) -> Vec<(&'static str, Result<()>)> {
    let (one, minute) = (key("k"), Duration::from_secs(60));
    let (keys, pattern, tag) = ([one.clone(), key("l")], Pattern::everything(), tag("t"));
    let one = &one;
    let calls: Vec<(&str, BoxFuture<'_, Result<()>>)> = vec![
        ("get", Box::pin(async { cache.get(one).await.map(drop) })),
        ("get_many", Box::pin(async { cache.get_many(&keys).await.map(drop) })),
        ("set", Box::pin(async { cache.set(entry(one, "value")).await })),
        ("set_many", Box::pin(async { cache.set_many(vec![entry(one, "value")]).await })),
        ("delete", Box::pin(async { cache.delete(one).await.map(drop) })),
        ("delete_matching", Box::pin(async { cache.delete_matching(&pattern).await.map(drop) })),
        ("delete_tagged", Box::pin(async { cache.delete_tagged(&tag).await.map(drop) })),
        ("claim", Box::pin(async { cache.claim(one, token(), minute, &[]).await.map(drop) })),
        ("renew", Box::pin(async { cache.renew(one, token(), minute).await.map(drop) })),
        ("fill", Box::pin(async { cache.fill(entry(one, "value"), Over::Claim(token())).await.map(drop) })),
        ("release", Box::pin(async { cache.release(one, token()).await })),
        ("begin_write", Box::pin(async { cache.begin_write(one, token(), minute).await })),
        ("end_write", Box::pin(async { cache.end_write(one, token(), None).await })),
        ("stats", Box::pin(async { cache.stats().await.map(drop) })),
    ];
    wait::end_of(
        "each call",
        join_all(calls.into_iter().map(|(name, call)| async move { (name, call.await) })),
    )
    .await
}

async fn every_method_errs(cache: &dyn Cache) {
    for (name, answer) in each_method(cache).await {
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{name}: {answer:?}");
    }
}

/// The same over a pool that a service has.
async fn pooled_to(port: u16) -> Redis {
    connect_pooled_within(format!("redis://127.0.0.1:{port}"), true, TIMEOUT).await
}

async fn survives(redis: Redis, harm: impl FnOnce(), heal: impl FnOnce()) {
    let (cache, tiered) = (cache(&redis), tiered(cache(&redis)).await);
    for (name, answer) in each_method(&cache).await {
        assert_eq!(answer, Ok(()), "{name}");
    }

    harm();
    every_method_errs(&cache).await;
    wait::until("nothing is heard", async || !tiered.is_listening()).await;
    every_method_errs(&tiered).await;
    for _ in 0..1_000 {
        // The answer is there at the first poll: nobody waits for a server that is known to be lost.
        cache.get(&key("k")).now_or_never().unwrap().unwrap_err();
        tiered.get(&key("k")).now_or_never().unwrap().unwrap_err();
    }

    heal();
    let mut state = redis.watch();
    let up = state.wait_for(|state| matches!(state, State::Up { .. }));
    wait::end_of("the loss", up).await.unwrap();
    wait::until("it is heard again", async || tiered.is_listening()).await;
    for cache in [&cache as &dyn Cache, &tiered] {
        for (name, answer) in each_method(cache).await {
            assert_eq!(answer, Ok(()), "{name}");
        }
        cache.set(entry(&key("new"), "value")).await.unwrap();
        assert_eq!(text(cache, &key("new")).await.as_deref(), Some("value"));
    }
}

#[tokio::test]
async fn a_killed_redis() {
    for pooled in [false, true] {
        let server = RefCell::new(Server::start().unwrap());
        let port = server.borrow().port();
        let redis = if pooled { pooled_to(port).await } else { connect_to(port).await };
        survives(redis, || server.borrow().kill().unwrap(), || server.borrow_mut().restart().unwrap()).await;
    }
}

#[tokio::test]
async fn a_frozen_redis() {
    let server = Server::start().unwrap();
    for redis in [connect_to(server.port()).await, pooled_to(server.port()).await] {
        survives(redis, || server.freeze().unwrap(), || server.thaw().unwrap()).await;
    }
}

async fn a_network_that(mode: Mode) {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    survives(connect_to(proxy.port()).await, || proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap())
        .await;
}

#[tokio::test]
async fn a_network_that_refuses() {
    a_network_that(Mode::Refuse).await;
}

#[tokio::test]
async fn a_network_that_resets() {
    a_network_that(Mode::Reset).await;
}

#[tokio::test]
async fn a_network_that_swallows() {
    a_network_that(Mode::BlackHole).await;
}

#[tokio::test]
async fn a_network_that_answers_after_two_seconds() {
    a_network_that(Mode::Latency(Duration::from_secs(2))).await;
}

/// A process is cut off, another changes a value, and the first never gives out the old one once it knows that it is cut
/// off.
async fn is_silent_while_cut_off_by(mode: Mode) {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let direct = connect(server.url()).await;
    let (other, cut_off) = (cache(&direct), tiered(cache(&connect_to(proxy.port()).await)).await);
    let (changed, deleted, kept) = (key("changed"), key("deleted"), key("kept"));
    for key in [&changed, &deleted, &kept] {
        other.set(entry(key, "old")).await.unwrap();
        has_near(&cut_off, &direct, key, "old").await;
    }

    proxy.set(mode).unwrap();
    wait::until("nothing is heard", async || !cut_off.is_listening()).await;
    other.set(entry(&changed, "new")).await.unwrap();
    other.delete(&deleted).await.unwrap();
    for key in [&changed, &deleted, &kept] {
        cut_off.get(key).await.unwrap_err();
    }

    proxy.set(Mode::Pass).unwrap();
    wait::until("it is heard and found again", async || {
        if let Ok(hit) = cut_off.get(&changed).await {
            assert_eq!(hit.unwrap().value, "new");
        }
        if let Ok(hit) = cut_off.get(&deleted).await {
            assert_eq!(hit, None);
        }
        cut_off.is_listening() && cut_off.get(&changed).await.is_ok()
    })
    .await;
    let before = calls(&direct, "get").await;
    assert_eq!(text(&cut_off, &kept).await.as_deref(), Some("old"));
    assert_eq!(calls(&direct, "get").await, before + 1, "it was empty");
    has_near(&cut_off, &direct, &changed, "new").await;
    has_near(&cut_off, &direct, &kept, "old").await;
    assert_eq!(cut_off.get(&deleted).await.unwrap(), None);
}

#[tokio::test]
async fn the_near_tier_is_silent_when_connections_are_refused() {
    is_silent_while_cut_off_by(Mode::Refuse).await;
}

#[tokio::test]
async fn the_near_tier_is_silent_when_connections_are_reset() {
    is_silent_while_cut_off_by(Mode::Reset).await;
}

#[tokio::test]
async fn the_near_tier_is_silent_when_nothing_arrives() {
    is_silent_while_cut_off_by(Mode::BlackHole).await;
}

#[tokio::test]
async fn the_near_tier_is_silent_when_everything_is_late() {
    is_silent_while_cut_off_by(Mode::Latency(Duration::from_secs(2))).await;
}

#[tokio::test]
async fn the_near_tier_forgets_what_a_restarted_server_has_forgotten() {
    let mut server = Server::start().unwrap();
    let redis = connect_to(server.port()).await;
    let cache = tiered(cache(&redis)).await;
    cache.set(entry(&key("k"), "value")).await.unwrap();
    has_near(&cache, &redis, &key("k"), "value").await;
    server.kill().unwrap();
    wait::until("nothing is heard", async || !cache.is_listening()).await;
    cache.get(&key("k")).await.unwrap_err();
    server.restart().unwrap();
    wait::until("it is found again", async || match cache.get(&key("k")).await {
        Ok(hit) => {
            assert_eq!(hit, None);
            cache.is_listening()
        }
        Err(_) => false,
    })
    .await;
}
