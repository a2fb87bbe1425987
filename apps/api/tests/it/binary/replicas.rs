//! Four processes, one Redis, one limit.

use futures_util::future::join_all;
use palisade_testkit::servers::Redis;

use super::{
    clients::Client,
    harness::{Running, Setup},
};

const PROCESSES: usize = 4;
const CONNECTIONS: usize = 500;
const REQUESTS: usize = 2_000;
const LIMIT: usize = 300;
const TRIALS: usize = 20;

/// Processes whose limit of the API does not recover while the test runs.
async fn start(redis: &Redis, algorithm: &str, lease: usize) -> Vec<Running> {
    let setups = (0..PROCESSES).map(|_| {
        Setup::new()
            .set("SERVER_WORKERS", "1")
            .set("LOG_LEVEL", "warn,palisade_listener=info")
            .set("REDIS_URL", redis.url())
            // Being counted together is what is tested, not what happens on a machine too busy to count.
            .set("REDIS_TIMEOUT_MS", "30000")
            .set("SECURITY_TRUSTED_PROXIES", "127.0.0.1")
            .set("RATE_LIMIT_ENABLED", "true")
            .set("RATE_LIMIT_ALGORITHM", algorithm)
            .set("RATE_LIMIT_REQUESTS", LIMIT.to_string())
            .set("RATE_LIMIT_WINDOW_SECONDS", "86400")
            .set("RATE_LIMIT_PER_HOUR", "0")
            .set("RATE_LIMIT_BURST", "0")
            .set("RATE_LIMIT_LEASE", lease.to_string())
    });
    join_all(setups.map(|setup| async move { setup.start().await })).await
}

/// How many of the requests, all of them under way at once, are let through.
async fn allowed(clients: &mut [Client], address: &str) -> usize {
    let each = REQUESTS / clients.len();
    let answers = join_all(clients.iter_mut().map(|client| async move {
        let mut allowed = 0;
        for _ in 0..each {
            let status = client.ask(address).await;
            // The limit is before the sign-in.
            assert!([401, 429].contains(&status), "{status}");
            allowed += usize::from(status == 401);
        }
        allowed
    }));
    answers.await.into_iter().sum()
}

async fn trials(algorithm: &str, lease: usize) -> Vec<usize> {
    palisade_server::raise_open_files();
    let redis = Redis::start().unwrap();
    let processes = start(&redis, algorithm, lease).await;
    let connections =
        processes.iter().flat_map(|process| (0..CONNECTIONS).map(|_| Client::connect(process.api)));
    let mut clients = join_all(connections).await;
    let mut totals = Vec::new();
    for trial in 0..TRIALS {
        totals.push(allowed(&mut clients, &format!("203.0.113.{trial}")).await);
    }
    totals
}

#[tokio::test]
async fn a_fixed_window_lets_through_the_limit_and_neither_more_nor_less() {
    assert_eq!(trials("fixed_window", 0).await, [LIMIT; TRIALS]);
}

#[tokio::test]
async fn a_token_bucket_lets_through_what_it_holds() {
    // One token comes back in nearly five minutes.
    let totals = trials("token_bucket", 0).await;
    assert!(totals.iter().all(|total| (LIMIT..=LIMIT + 1).contains(total)), "{totals:?}");
}

#[tokio::test]
async fn by_leases_the_limit_is_never_exceeded_and_a_slice_for_each_process_may_be_lost() {
    let lease = 10;
    let totals = trials("fixed_window", lease).await;
    let least = LIMIT - PROCESSES * lease;
    assert!(totals.iter().all(|total| (least..=LIMIT).contains(total)), "{totals:?}");
}
