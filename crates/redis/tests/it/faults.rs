//! A lost server costs one time limit at most, then nothing is sent to it, and it is found again.

use std::time::Duration;

use futures_util::FutureExt as _;
use palisade_redis::{Error, Redis, Settings, redis::cmd};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    Events,
    servers::{Mode, Proxy, Redis as Server},
    wait,
};

use crate::support::{TIMEOUT, connect, found, lost, settings};

/// Sixty-four calls at once: each fails, none waits for another limit than the handle's own.
async fn sixty_four_fail(redis: &Redis) {
    let calls = (0..64).map(|_| {
        let redis = redis.clone();
        tokio::spawn(async move { redis.ping().await })
    });
    for call in calls.collect::<Vec<_>>() {
        let error = wait::end_of("a call to a lost server", call).await.unwrap().unwrap_err();
        assert!(error.is_loss(), "{error:?}");
        if let Error::TimedOut(limit) = error {
            assert_eq!(limit, TIMEOUT);
        }
    }
}

/// While it is lost, ten thousand calls are refused by the breaker: nothing is sent, nobody waits.
async fn then_costs_nothing(redis: &Redis) {
    let before = redis.breaker().counters().rejections;
    for _ in 0..10_000 {
        // Refused at the first poll: there is nothing that it could wait for.
        assert_eq!(redis.ping().now_or_never(), Some(Err(Error::Lost)));
    }
    assert_eq!(redis.breaker().counters().rejections, before + 10_000);
}

async fn survives(redis: &Redis, harm: impl FnOnce(), heal: impl FnOnce()) {
    let events = Events::default();
    let _listening = events.listen();
    redis.ping().await.unwrap();
    let before = redis.counters();
    harm();
    sixty_four_fail(redis).await;
    then_costs_nothing(redis).await;
    heal();
    found(redis).await;
    redis.ping().await.unwrap();
    assert_eq!(events.seen_of(&["redis"]), ["redis.lost", "redis.recovered"]);
    let after = redis.counters();
    assert_eq!((after.lost, after.found), (before.lost + 1, before.found + 1));
    assert_eq!(after.failures, before.failures + 64 + 10_000);
}

#[tokio::test]
async fn a_killed_server() {
    let mut server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    server.kill().unwrap();
    sixty_four_fail(&redis).await;
    then_costs_nothing(&redis).await;
    server.restart().unwrap();
    found(&redis).await;
    redis.ping().await.unwrap();
}

#[tokio::test]
async fn a_frozen_server() {
    let server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    survives(&redis, || server.freeze().unwrap(), || server.thaw().unwrap()).await;
}

#[tokio::test]
async fn networks_that_refuse_reset_swallow_or_dawdle() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let redis = connect(proxy.port()).await;
    for mode in [Mode::Refuse, Mode::Reset, Mode::BlackHole, Mode::Latency(Duration::from_secs(2))] {
        survives(&redis, || proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap()).await;
    }
}

#[tokio::test]
async fn calls_to_a_lost_server_send_nothing() {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let redis = connect(proxy.port()).await;
    proxy.set(Mode::BlackHole).unwrap();
    sixty_four_fail(&redis).await;
    // The task that looks for the server connects anew; of a connection made in a black hole no byte is read.
    let before = proxy.traffic().questions;
    then_costs_nothing(&redis).await;
    assert_eq!(proxy.traffic().questions, before);
}

#[tokio::test]
async fn a_loss_is_noticed_without_a_call() {
    let server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    server.freeze().unwrap();
    lost(&redis).await;
    server.thaw().unwrap();
    found(&redis).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_at_the_start_is_found_later() {
    let mut server = Server::start().unwrap();
    server.kill().unwrap();
    let events = Events::default();
    let _listening = events.listen();
    let redis = wait::end_of("connecting to nobody", connect(server.port())).await;
    assert_eq!(redis.ping().await, Err(Error::Lost));
    server.restart().unwrap();
    found(&redis).await;
    assert_eq!(events.seen_of(&["redis"]), ["redis.lost", "redis.recovered"]);
}

#[tokio::test]
async fn a_server_that_wants_another_password_is_lost_with_its_reason() {
    let server = Server::start().unwrap();
    let admin = connect(server.port()).await;
    let set = |value: &str| {
        let mut set = cmd("CONFIG");
        set.arg("SET").arg("requirepass").arg(value);
        set
    };
    admin.query::<()>(&set("right")).await.unwrap();
    let events = Events::default();
    let _listening = events.listen();
    let wrong = format!("redis://:wrong@127.0.0.1:{}", server.port());
    let redis = Redis::connect(&Settings::for_url(wrong), &Off::shared()).await.unwrap().unwrap();
    assert_eq!(redis.ping().await, Err(Error::Lost));
    let without = Redis::connect(&settings(server.port()), &Off::shared()).await.unwrap().unwrap();
    assert_eq!(without.ping().await, Err(Error::Lost));
    assert_eq!(events.seen_of(&["redis"]), ["redis.lost", "redis.lost"]);
    admin.query::<()>(&set("wrong")).await.unwrap();
    found(&redis).await;
}

#[tokio::test]
async fn tls_to_a_server_without_it_is_a_loss_like_any_other() {
    let server = Server::start().unwrap();
    let url = format!("rediss://127.0.0.1:{}", server.port());
    let redis = Redis::connect(&Settings::for_url(url), &Off::shared()).await.unwrap().unwrap();
    assert_eq!(redis.ping().await, Err(Error::Lost));
}
