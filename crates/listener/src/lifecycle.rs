//! The lifecycle of a server: start, serve, graceful shutdown.
//!
//! Start: every listener accepts at once, while the dependencies of the applications are still being built
//! ([`Deferred`]). Stop: report not ready → keep serving for the drain delay → close listeners and idle connections →
//! finish open requests → run the stop steps. A stop during the start cancels the start. A second stop ends the server
//! at once, in whatever phase it is.
//!
//! [`Deferred`]: crate::Deferred

use std::{future::Future, io, pin::pin};

use tokio::sync::Notify;

use crate::{Hooks, Running, Server, Signals, hooks::StopStep, signals::Command};

/// How the server ended.
#[derive(Debug)]
pub enum Ending {
    /// Gracefully, with every request finished.
    Clean,
    /// Gracefully, but requests that exceeded the shutdown timeout were cut off.
    Overdue,
    /// Gracefully, before the start was done.
    Abandoned,
    /// At once, because of a second stop signal.
    Forced,
    /// A listener failed.
    Crashed(io::Error),
}

/// The listeners failed to start.
#[derive(Debug, thiserror::Error)]
#[error("the listeners did not start")]
pub struct StartError(#[source] pub io::Error);

/// Serves until a stop signal.
///
/// # Errors
/// When the listeners fail to start.
pub async fn serve(server: Server, signals: Signals, hooks: Hooks) -> Result<Ending, StartError> {
    serve_while_starting(server, signals, async { Ok(hooks) }).await
}

/// Serves until a stop signal, and runs `start` meanwhile. The listeners accept at once, so that applications of a
/// [`Deferred`](crate::Deferred) answer while `start` builds their dependencies. A stop signal drops `start`. When
/// `start` fails, the listeners are closed.
///
/// # Errors
/// When the listeners fail to start, and the error of `start`.
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

/// The outcome of the start.
enum Start<E> {
    Done(Hooks),
    Failed(E),
    Stopped(&'static str),
    Crashed(io::Error),
}

/// Waits for the start. A reload requested meanwhile runs after it.
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
            command = signals.next() => match command {
                Command::Stop(signal) => return Start::Stopped(signal),
                Command::Reload(_) => reload.notify_one(),
            },
            error = running.crashed() => return Start::Crashed(error),
        }
    }
}

/// Serves until a stop signal, then shuts down gracefully.
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
            command = signals.next() => match command {
                Command::Stop(signal) => break signal,
                // Requests that arrive during a reload are merged into one reload after it.
                Command::Reload(_) => reload.notify_one(),
            },
            error = running.crashed() => return Ending::Crashed(error),
            () = &mut reloading => {}
        }
    };
    tracing::info!(signal, "server.stopping");
    tokio::select! {
        ending = stop_gracefully(running, drain, stop) => ending,
        signal = signals.stop() => forced(signal),
    }
}

fn forced(signal: &'static str) -> Ending {
    tracing::warn!(signal, "server.stopping_at_once");
    Ending::Forced
}

async fn stop_gracefully(
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
