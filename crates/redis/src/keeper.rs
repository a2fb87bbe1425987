//! The task that notices a lost server and finds it again.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{backoff::Backoff, link::Connector, state::Shared};

/// How often a server that is well is probed, and how long it may take to answer. Calls find out sooner; this is for a
/// process that makes none.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Ends the task when dropped.
pub(crate) struct Keeper(JoinHandle<()>);

impl Keeper {
    pub(crate) fn start(shared: Arc<Shared>, connector: Arc<Connector>) -> Self {
        Self(tokio::spawn(keep(shared, connector)))
    }

    pub(crate) fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn keep(shared: Arc<Shared>, connector: Arc<Connector>) {
    let mut backoff = Backoff::default();
    loop {
        watch_over(&shared, &mut backoff).await;
        // A server that takes connections and fails at once is not asked again at once.
        loop {
            sleep(backoff.next()).await;
            match connector.open(&shared.probe_keys()).await {
                Ok(link) => break shared.found(link),
                Err(error) => tracing::debug!(error = %error, "redis.still_lost"),
            }
        }
    }
}

/// Returns when there is no link.
async fn watch_over(shared: &Shared, backoff: &mut Backoff) {
    while shared.is_up() {
        if timeout(HEARTBEAT, shared.lost.notified()).await.is_ok() {
            continue;
        }
        if let Some(link) = shared.present() {
            match link.probe(&shared.probe_keys(), HEARTBEAT).await {
                Ok(()) => backoff.reset(),
                Err(error) => shared.failed(&link, &error),
            }
        }
    }
}
