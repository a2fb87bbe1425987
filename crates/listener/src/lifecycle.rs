//! The server's life from start to end, in order.
//!
//! Start: every listener accepts, and whatever the applications wait for is made meanwhile ([`Deferred`]). Stop: read as
//! not ready → serve on for the drain delay → close listeners and idle connections → finish what is being served → the
//! stop steps. A stop during the start abandons the start. A second order to stop ends the server at once, wherever it
//! is.
//!
//! [`Deferred`]: crate::Deferred

use std::{future::Future, io, pin::pin};

use tokio::sync::Notify;

use crate::{Hooks, Running, Server, Signals, hooks::StopStep, signals::Order};

/// How the server ended.
#[derive(Debug)]
pub enum Ending {
    /// In order, with every request finished.
    Clean,
    /// In order, but some requests were cut off because they took too long.
    Overdue,
    /// In order, before the start was done.
    Abandoned,
    /// At once, because the order to stop was repeated.
    Forced,
    /// By itself: a listener failed.
    Crashed(io::Error),
}

/// The listeners did not start.
#[derive(Debug, thiserror::Error)]
#[error("the listeners did not start")]
pub struct StartError(#[source] pub io::Error);

/// Serves until `signals` tells to stop.
///
/// # Errors
/// When the listeners do not start.
pub async fn serve(server: Server, signals: Signals, hooks: Hooks) -> Result<Ending, StartError> {
    serve_while_starting(server, signals, async { Ok(hooks) }).await
}

/// Serves until `signals` tells to stop. The listeners accept at once, so that applications made by a
/// [`Deferred`](crate::Deferred) answer while `start` makes what they wait for. An order to stop drops `start`; when it
/// fails, the listeners are closed.
///
/// # Errors
/// When the listeners do not start, and what `start` gives.
pub async fn serve_while_starting<E: From<StartError>>(
    server: Server,
    mut signals: Signals,
    start: impl Future<Output = Result<Hooks, E>>,
) -> Result<Ending, E> {
    let mut running = server.start().await.map_err(StartError)?;
    let reload = Notify::new();
    let ending = match started(&mut running, &mut signals, &reload, start).await {
        Start::Done(hooks) => live(running, signals, &reload, hooks).await,
        Start::Failed(error) => {
            running.stop_at_once().await;
            return Err(error);
        }
        Start::Stopped(signal) => {
            tracing::info!(signal, starting = true, "server.stopping");
            tokio::select! {
                () = running.stop_soon() => Ending::Abandoned,
                signal = signals.stop() => forced(signal),
            }
        }
        Start::Crashed(error) => Ending::Crashed(error),
    };
    tracing::info!(?ending, "server.stopped");
    Ok(ending)
}

/// What became of the start.
enum Start<E> {
    Done(Hooks),
    Failed(E),
    Stopped(&'static str),
    Crashed(io::Error),
}

/// Waits for the start. A reload that is ordered meanwhile comes after it.
async fn started<E>(
    running: &mut Running,
    signals: &mut Signals,
    reload: &Notify,
    start: impl Future<Output = Result<Hooks, E>>,
) -> Start<E> {
    let mut start = pin!(start);
    loop {
        tokio::select! {
            hooks = &mut start => return hooks.map_or_else(Start::Failed, Start::Done),
            order = signals.next() => match order {
                Order::Stop(signal) => return Start::Stopped(signal),
                Order::Reload(_) => reload.notify_one(),
            },
            error = running.crashed() => return Start::Crashed(error),
        }
    }
}

/// Serves, and stops when told to.
async fn live(mut running: Running, mut signals: Signals, reload: &Notify, hooks: Hooks) -> Ending {
    let Hooks { ready, reload: steps, drain, stop } = hooks;
    ready.into_iter().for_each(|step| step(running.bound()));
    tracing::info!("server.ready");
    let certificates = running.certificates();
    let mut reloading = pin!(async {
        loop {
            reload.notified().await;
            certificates.reload().await;
            for step in &steps {
                step().await;
            }
        }
    });
    let signal = loop {
        tokio::select! {
            order = signals.next() => match order {
                Order::Stop(signal) => break signal,
                // Orders that come while one is carried out are carried out together, after it.
                Order::Reload(_) => reload.notify_one(),
            },
            error = running.crashed() => return Ending::Crashed(error),
            () = &mut reloading => {}
        }
    };
    tracing::info!(signal, "server.stopping");
    tokio::select! {
        ending = stop_in_order(running, drain, stop) => ending,
        signal = signals.stop() => forced(signal),
    }
}

fn forced(signal: &'static str) -> Ending {
    tracing::warn!(signal, "server.stopping_at_once");
    Ending::Forced
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
