//! Redis lost while something is written.

use std::{sync::Arc, time::Duration};

use palisade_cache::{CacheKey, Caching};
use palisade_core::SystemClock;
use palisade_testkit::{
    servers::{Mode, Proxy, Redis as Server},
    wait,
};

use super::support::{Source, connect, key, recipe, redis_cache, start};

const LIMIT: Duration = Duration::from_millis(250);

async fn on(port: u16) -> Caching {
    let redis = connect(format!("redis://127.0.0.1:{port}"), LIMIT).await;
    start(redis_cache(redis, "cache:", Arc::new(SystemClock)))
}

/// Writes while `lose` is in force, from before the write begins or from its middle, and reads before and after `heal`.
async fn survives(port: u16, lose: impl Fn(), heal: impl Fn()) {
    let caching = on(port).await;
    for (before, name) in [(true, "before"), (false, "within")] {
        let (source, key) = (Source::default(), key(name));
        assert_eq!(source.through(&caching, &key, &recipe()).await.value, 1);
        let cached = async || caching.get(&key).await == Some(1_u64);
        wait::until("it is cached", async || {
            cached().await || { source.through(&caching, &key, &recipe()).await.value != 1 }
        })
        .await;
        if before {
            lose();
        }
        let change = caching.change(&key).await;
        if !before {
            lose();
        }
        source.write();
        change.finish().await;
        for _ in 0..20 {
            assert_eq!(source.through(&caching, &key, &recipe()).await.value, 2, "it is lost");
        }
        heal();
        in_use_again(&caching, &source, &key).await;
    }
}

/// It is never older than what was written until it is cached again.
async fn in_use_again(caching: &Caching, source: &Source, key: &CacheKey) {
    wait::until("it is cached again", async || {
        assert_eq!(source.through(caching, key, &recipe()).await.value, 2, "it is back");
        caching.get(key).await == Some(2_u64)
    })
    .await;
}

#[tokio::test]
async fn networks_that_refuse_reset_or_swallow() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    for mode in [Mode::Refuse, Mode::Reset, Mode::BlackHole] {
        survives(proxy.port(), || proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap()).await;
        // The keys of the next mode are the same.
        let cleaner = on(server.port()).await;
        cleaner.forget_matching(&palisade_cache::Pattern::everything()).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_stands_still() {
    let server = Server::start().unwrap();
    survives(server.port(), || server.freeze().unwrap(), || server.thaw().unwrap()).await;
}

#[tokio::test]
async fn a_server_that_is_killed_and_comes_back_empty() {
    let mut server = Server::start().unwrap();
    let caching = on(server.port()).await;
    let (source, key) = (Source::default(), key("killed"));
    source.through(&caching, &key, &recipe()).await;
    let change = caching.change(&key).await;
    server.kill().unwrap();
    source.write();
    change.finish().await;
    assert_eq!(source.through(&caching, &key, &recipe()).await.value, 2);
    server.restart().unwrap();
    in_use_again(&caching, &source, &key).await;
}

#[tokio::test]
async fn what_others_may_see_is_forgotten_as_soon_as_it_can_be() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let (cut_off, other) = (on(proxy.port()).await, on(server.port()).await);
    let (source, key) = (Source::default(), key("seen"));
    source.through(&cut_off, &key, &recipe()).await;
    proxy.set(Mode::Refuse).unwrap();
    let change = cut_off.change(&key).await;
    source.write();
    change.finish().await;
    proxy.set(Mode::Pass).unwrap();
    wait::until("it is forgotten", async || other.cache().get(&key).await.unwrap().is_none()).await;
    assert_eq!(source.through(&other, &key, &recipe()).await.value, 2);
}
