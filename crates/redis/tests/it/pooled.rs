//! A handle over a deadpool pool that a service already has.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use deadpool_redis::{Config, Pool, Runtime};
use palisade_redis::{Error, Listener, Redis, Script, Settings, redis::cmd};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{Events, servers::Redis as Server, wait};

use crate::support::{TIMEOUT, found, lost, settings};

/// A service's pool of so many connections.
fn pool(server: &Server, most: usize) -> Pool {
    let builder = Config::from_url(server.url()).builder().unwrap();
    builder.max_size(most).runtime(Runtime::Tokio1).build().unwrap()
}

/// Settings without an address.
fn without_url(server: &Server) -> Settings {
    Settings { url: None, ..settings(server.port()) }
}

async fn over(pool: &Pool, settings: &Settings) -> Redis {
    Redis::from_deadpool(pool.clone(), settings, &Off::shared()).await.unwrap()
}

async fn clients(pool: &Pool) -> usize {
    let mut connection = pool.get().await.unwrap();
    let list: String = cmd("CLIENT").arg("LIST").query_async(&mut connection).await.unwrap();
    list.lines().count()
}

#[tokio::test]
async fn a_thousand_calls_share_what_the_pool_lends() {
    let server = Server::start().unwrap();
    let pool = pool(&server, 4);
    let redis = over(&pool, &without_url(&server)).await;
    let add = Arc::new(Script::new("return redis.call('INCR', KEYS[1])"));
    let calls = (0..1_000).map(|_| {
        let (redis, add) = (redis.clone(), Arc::clone(&add));
        tokio::spawn(async move { redis.invoke::<i64>(&add, &add.call("n")).await })
    });
    for call in calls.collect::<Vec<_>>() {
        // On a busy machine a call may run out of time, and those after it find the server lost.
        if let Err(error) = call.await.unwrap() {
            assert!(error.is_loss(), "{error:?}");
        }
    }
    found(&redis).await;
    assert_eq!(pool.status().size - pool.status().available, 2, "the service has the others");
    assert_eq!(clients(&pool).await, 3, "the pool has made all of them");
}

#[tokio::test]
async fn at_most_half_of_a_pool_is_borrowed_and_all_of_it_given_back() {
    let server = Server::start().unwrap();
    for (most, borrowed) in [(1, 1), (2, 1), (3, 1), (4, 2), (16, 2)] {
        let pool = pool(&server, most);
        let redis = over(&pool, &without_url(&server)).await;
        redis.ping().await.unwrap();
        assert_eq!(pool.status().size, borrowed, "{most}");
        assert_eq!(pool.status().available, 0);
        drop(redis);
        wait::until("they are given back", async || pool.status().available == borrowed).await;
    }
}

#[tokio::test]
async fn a_pool_that_has_none_left_is_a_loss_until_it_has() {
    let server = Server::start().unwrap();
    let pool = pool(&server, 1);
    let service = pool.get().await.unwrap();
    let redis = over(&pool, &without_url(&server)).await;
    assert_eq!(redis.ping().await, Err(Error::Lost));
    drop(service);
    found(&redis).await;
    redis.ping().await.unwrap();
}

#[tokio::test]
async fn a_lost_server_is_found_again_by_the_pool() {
    let mut server = Server::start().unwrap();
    let pool = pool(&server, 4);
    let redis = over(&pool, &settings(server.port())).await;
    let events = Events::default();
    let _listening = events.listen();
    redis.ping().await.unwrap();
    server.kill().unwrap();
    let error = redis.ping().await.unwrap_err();
    assert!(error.is_loss(), "{error:?}");
    assert_eq!(redis.ping().await, Err(Error::Lost));
    server.restart().unwrap();
    found(&redis).await;
    redis.ping().await.unwrap();
    assert_eq!(events.seen_of(&["redis"]), ["redis.lost", "redis.recovered"]);
}

#[tokio::test]
async fn a_frozen_server_costs_one_time_limit_and_is_found_again() {
    let server = Server::start().unwrap();
    let pool = pool(&server, 4);
    let redis = over(&pool, &settings(server.port())).await;
    redis.ping().await.unwrap();
    server.freeze().unwrap();
    // The heartbeat may notice first.
    let error = redis.ping().await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(limit) if limit == TIMEOUT) || error == Error::Lost, "{error:?}");
    lost(&redis).await;
    let before = redis.breaker().counters().rejections;
    assert_eq!(redis.ping().await, Err(Error::Lost));
    assert_eq!(redis.breaker().counters().rejections, before + 1);
    server.thaw().unwrap();
    found(&redis).await;
    redis.ping().await.unwrap();
}

#[tokio::test]
async fn a_closed_pool_is_a_loss() {
    let server = Server::start().unwrap();
    let pool = pool(&server, 2);
    pool.close();
    let redis = over(&pool, &without_url(&server)).await;
    assert_eq!(redis.ping().await, Err(Error::Lost));
}

#[derive(Default)]
struct Ears {
    joined: AtomicUsize,
    heard: AtomicUsize,
}

impl Listener for Ears {
    fn joined(&self) {
        self.joined.fetch_add(1, Ordering::SeqCst);
    }

    fn heard(&self, _: &[u8]) {
        self.heard.fetch_add(1, Ordering::SeqCst);
    }

    fn left(&self) {}
}

#[tokio::test]
async fn subscriptions_go_to_the_address_of_the_settings() {
    let server = Server::start().unwrap();
    let pool = pool(&server, 4);
    let (with, without) =
        (over(&pool, &settings(server.port())).await, over(&pool, &without_url(&server)).await);
    let events = Events::default();
    let _listening = events.listen();
    let (hearing, deaf) = (Arc::new(Ears::default()), Arc::new(Ears::default()));
    let _first = with.subscribe("news", Arc::clone(&hearing) as _);
    let _second = without.subscribe("news", Arc::clone(&deaf) as _);
    assert_eq!(events.seen_of(&["redis"]), ["redis.no_subscriptions"]);
    wait::until("it has joined", async || hearing.joined.load(Ordering::SeqCst) == 1).await;
    without.query::<()>(cmd("PUBLISH").arg("news").arg("x")).await.unwrap();
    wait::until("it is heard", async || hearing.heard.load(Ordering::SeqCst) == 1).await;
    assert_eq!((deaf.joined.load(Ordering::SeqCst), deaf.heard.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_wrong_address_is_refused() {
    let server = Server::start().unwrap();
    let settings = Settings::for_url("http://:hunter2@cache");
    let error = Redis::from_deadpool(pool(&server, 1), &settings, &Off::shared()).await.unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}
