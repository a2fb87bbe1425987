//! Stop and reload commands, from operating system signals or from the program itself.

use std::{io, sync::Arc};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{Notify, mpsc},
};

/// The source of a server's stop and reload commands.
#[derive(Debug)]
pub struct Signals(Source);

#[derive(Debug)]
enum Source {
    System(System),
    Handle { stops: mpsc::Receiver<()>, reload: Arc<Notify> },
}

/// The process signals that a server handles.
#[derive(Debug)]
struct System {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    user1: Signal,
    user2: Signal,
}

/// A command to a server, with the signal's name for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Stop gracefully; the second time, stop at once.
    Stop(&'static str),
    /// Reload certificates and whatever the reload hooks handle.
    Reload(&'static str),
}

/// Stops or reloads a server from within the program.
#[derive(Debug, Clone)]
pub struct SignalHandle {
    stops: mpsc::Sender<()>,
    reload: Arc<Notify>,
}

impl Signals {
    /// Handles process signals in place of their default actions. SIGTERM and SIGINT stop the server, SIGHUP reloads it,
    /// SIGUSR1 and SIGUSR2 are logged and ignored. Several signals of one kind that arrive before the first is handled
    /// count as one. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the operating system does not allow a signal handler.
    pub fn from_system() -> io::Result<Self> {
        Ok(Self(Source::System(System {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
        })))
    }

    /// Takes commands from a handle instead of signals, for tests and for programs that embed the server.
    #[must_use]
    pub fn from_handle() -> (SignalHandle, Self) {
        let ((sender, stops), reload) = (mpsc::channel(2), Arc::new(Notify::new()));
        let handle = SignalHandle { stops: sender, reload: Arc::clone(&reload) };
        (handle, Self(Source::Handle { stops, reload }))
    }

    /// Waits for a stop command and returns the signal's name. Reload commands are logged and ignored.
    pub async fn stop(&mut self) -> &'static str {
        loop {
            match self.next().await {
                Command::Stop(signal) => return signal,
                Command::Reload(signal) => ignored(signal),
            }
        }
    }

    /// Waits for the next command.
    pub(crate) async fn next(&mut self) -> Command {
        match &mut self.0 {
            Source::System(system) => system.next().await,
            // A closed channel disables its branch, so a dropped handle is not a stop.
            Source::Handle { stops, reload } => tokio::select! {
                Some(()) = stops.recv() => Command::Stop("handle"),
                () = reload.notified() => Command::Reload("handle"),
            },
        }
    }
}

impl System {
    async fn next(&mut self) -> Command {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Command::Stop("SIGTERM"),
                _ = self.interrupt.recv() => return Command::Stop("SIGINT"),
                _ = self.hangup.recv() => return Command::Reload("SIGHUP"),
                _ = self.user1.recv() => ignored("SIGUSR1"),
                _ = self.user2.recv() => ignored("SIGUSR2"),
            }
        }
    }
}

fn ignored(signal: &'static str) {
    tracing::info!(signal, "server.signal_ignored");
}

impl SignalHandle {
    /// Stops the server gracefully; the second call stops it at once.
    pub fn stop(&self) {
        // A full channel already holds both stops. A closed one means that the server has ended.
        let _ = self.stops.try_send(());
    }

    /// Reloads the server. Calls before the server handles the first one count as one.
    pub fn reload(&self) {
        self.reload.notify_one();
    }
}
