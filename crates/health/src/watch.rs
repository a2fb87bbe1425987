//! Checks that run though nobody asks.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::interval};

/// Has checks run in an interval until it is dropped, so that what is measured of them is no older than that.
#[derive(Debug)]
pub struct Watch(JoinHandle<()>);

impl Watch {
    /// Starts. Must be called on a runtime; `registry` says where the checks are.
    #[must_use = "dropping it ends the checks"]
    pub fn start<R>(every: Duration, registry: Arc<R>) -> Self
    where
        R: AsRef<crate::Registry> + Send + Sync + 'static,
    {
        Self(tokio::spawn(async move {
            let mut ticks = interval(every);
            loop {
                ticks.tick().await;
                (*registry).as_ref().report().await;
            }
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
