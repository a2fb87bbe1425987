//! What these tests need.

use std::time::{Duration, Instant};

use palisade_redis::{Redis, Settings, State};

/// The time limit of a command in these tests: short against every bound, long for a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(250);
/// A lost server that works again is found within this.
pub(crate) const FOUND_WITHIN: Duration = Duration::from_secs(5);

pub(crate) fn settings(port: u16) -> Settings {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap();
    Settings { timeout_ms, ..Settings::for_url(format!("redis://127.0.0.1:{port}")) }
}

pub(crate) async fn connect(port: u16) -> Redis {
    Redis::connect(&settings(port)).await.unwrap().unwrap()
}

/// Waits until it is up, and gives how long that took.
pub(crate) async fn found(redis: &Redis) -> Duration {
    let start = Instant::now();
    let mut state = redis.watch();
    let up = state.wait_for(|state| matches!(state, State::Up { .. }));
    tokio::time::timeout(FOUND_WITHIN, up).await.expect("it is found in time").unwrap();
    start.elapsed()
}

/// Waits until it is down, by asking nobody.
pub(crate) async fn lost(redis: &Redis) {
    let mut state = redis.watch();
    let down = state.wait_for(|state| matches!(state, State::Down { .. }));
    tokio::time::timeout(FOUND_WITHIN, down).await.expect("the loss is noticed").unwrap();
}
