//! How many sessions are alive, for whoever looks at metrics.

use std::{sync::Arc, time::Duration};

use palisade_core::Clock;
use palisade_telemetry::metrics::Telemetry;
use tokio::{task::JoinHandle, time::interval};

use crate::{SessionStore, metrics::Metrics};

/// How often sessions are counted: it takes the database a moment when there are many.
const EVERY: Duration = Duration::from_secs(15);

/// Counts the sessions that are alive every 15 seconds, until it is dropped.
#[derive(Debug)]
pub struct LiveSessions(JoinHandle<()>);

impl LiveSessions {
    /// Starts counting what `sessions` holds. Must be called on a runtime.
    #[must_use = "dropping it ends the count"]
    pub fn start(
        sessions: Arc<dyn SessionStore>,
        clock: Arc<dyn Clock>,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Self {
        let gauge = Metrics::new(telemetry).sessions.with([]);
        Self(tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            loop {
                ticks.tick().await;
                match sessions.count_live(clock.now()).await {
                    Ok(count) => gauge.set_count(usize::try_from(count).unwrap_or(usize::MAX)),
                    // The last count stands; that the store is lost is told elsewhere.
                    Err(error) => tracing::debug!(error = %error, "auth.sessions_not_counted"),
                }
            }
        }))
    }
}

impl Drop for LiveSessions {
    fn drop(&mut self) {
        self.0.abort();
    }
}
