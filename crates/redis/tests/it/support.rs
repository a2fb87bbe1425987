//! What these tests need.

use std::time::Duration;

use palisade_redis::{Redis, Settings, State};
use palisade_telemetry::metrics::Off;
use palisade_testkit::wait;

/// The time limit of a command in these tests: short against every bound, long for a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(250);

pub(crate) fn settings(port: u16) -> Settings {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap();
    Settings { timeout_ms, ..Settings::for_url(format!("redis://127.0.0.1:{port}")) }
}

pub(crate) async fn connect(port: u16) -> Redis {
    Redis::connect(&settings(port), &Off::shared()).await.unwrap().unwrap()
}

/// Waits until it is up, without a call.
pub(crate) async fn found(redis: &Redis) {
    let mut state = redis.watch();
    wait::end_of("the server's loss", state.wait_for(|state| matches!(state, State::Up { .. })))
        .await
        .unwrap();
}

/// Waits until it is down, without a call.
pub(crate) async fn lost(redis: &Redis) {
    let mut state = redis.watch();
    let down = state.wait_for(|state| matches!(state, State::Down { .. }));
    wait::end_of("the server's presence", down).await.unwrap();
}
