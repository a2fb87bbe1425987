//! The task that has limiters give memory back.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::RateLimiter;

/// After a flood of 300,000 clients the memory is back in about a minute.
const EVERY: Duration = Duration::from_secs(1);

/// Has a limiter give back the memory that it does not need any more, once a second, until it is dropped.
#[derive(Debug)]
pub struct Upkeep(JoinHandle<()>);

impl Upkeep {
    /// Begins. Must be called on a runtime, where the task lives.
    #[must_use = "dropping it ends the upkeep"]
    pub fn start(limiter: Arc<dyn RateLimiter>) -> Self {
        Self(tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                limiter.tend();
            }
        }))
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.0.abort();
    }
}
