//! The server's life from start to end, in order.
//!
//! Start: the start steps, then every listener accepts. Stop: read as not ready → serve on for the drain
//! delay → close listeners and idle connections → finish what is being served → the stop steps. A second
//! order to stop ends it at once, wherever it is.

use std::{error::Error, io};

use super::{Hooks, Running, Server, StopSignals, hooks::StopStep};

/// How the server ended.
#[derive(Debug)]
pub enum Ending {
    /// In order, with every request finished.
    Clean,
    /// In order, but some requests were cut off because they took too long.
    Overdue,
    /// At once, because the order to stop was repeated.
    Forced,
    /// By itself: a listener failed.
    Crashed(io::Error),
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A step before the start failed.
    #[error("start-up step `{step}` failed")]
    Step {
        /// The step's name.
        step: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The listeners did not start.
    #[error("the listeners did not start")]
    Listeners(#[source] io::Error),
}

/// Serves until `signals` tells to stop.
///
/// # Errors
/// When it does not come to serving.
pub async fn serve(server: Server, mut signals: StopSignals, hooks: Hooks) -> Result<Ending, StartError> {
    let Hooks { start, listening, drain, stop } = hooks;
    for (step, work) in start {
        work.await.map_err(|cause| StartError::Step { step, cause })?;
    }
    let mut running = server.start().await.map_err(StartError::Listeners)?;
    listening.into_iter().for_each(|step| step(running.bound()));

    let signal = tokio::select! {
        signal = signals.next() => signal,
        error = running.crashed() => return Ok(Ending::Crashed(error)),
    };
    tracing::info!(signal, "server.stopping");
    let ending = tokio::select! {
        ending = stop_in_order(running, drain, stop) => ending,
        signal = signals.next() => {
            tracing::warn!(signal, "server.stopping_at_once");
            Ending::Forced
        }
    };
    tracing::info!(?ending, "server.stopped");
    Ok(ending)
}

async fn stop_in_order(
    running: Running,
    drain: Vec<Box<dyn FnOnce() + Send>>,
    stop: Vec<StopStep>,
) -> Ending {
    drain.into_iter().for_each(|step| step());
    running.drain();
    tokio::time::sleep(running.options().drain_delay).await;
    let all_finished = running.stop().await;
    for (step, limit, work) in stop {
        if tokio::time::timeout(limit, work).await.is_err() {
            tracing::warn!(step, limit_seconds = limit.as_secs_f64(), "server.stop_step_overdue");
        }
    }
    if all_finished { Ending::Clean } else { Ending::Overdue }
}
