//! What the operating system, or the program itself, tells a server.

use std::{io, sync::Arc};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{Notify, mpsc},
};

/// Where a server's orders come from.
#[derive(Debug)]
pub struct Signals(Source);

#[derive(Debug)]
enum Source {
    System(System),
    Handle { stops: mpsc::Receiver<()>, reload: Arc<Notify> },
}

/// The signals of the process that a server takes.
#[derive(Debug)]
struct System {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    user1: Signal,
    user2: Signal,
}

/// What a server is told. The name of the signal is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// To stop; told again, to stop at once.
    Stop(&'static str),
    /// To read again what can be read again while it runs.
    Reload(&'static str),
}

/// Gives orders to a server from within the program.
#[derive(Debug, Clone)]
pub struct SignalHandle {
    stops: mpsc::Sender<()>,
    reload: Arc<Notify>,
}

impl Signals {
    /// The signals of the process, which no longer end it by themselves then: SIGTERM and SIGINT stop the server, SIGHUP
    /// has it reload, SIGUSR1 and SIGUSR2 are logged and otherwise ignored. However many of one kind come before they
    /// are looked at, they count as one. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn from_system() -> io::Result<Self> {
        Ok(Self(Source::System(System {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
        })))
    }

    /// A handle in place of signals, for tests and for programs that embed the server.
    #[must_use]
    pub fn from_handle() -> (SignalHandle, Self) {
        let ((sender, stops), reload) = (mpsc::channel(2), Arc::new(Notify::new()));
        let handle = SignalHandle { stops: sender, reload: Arc::clone(&reload) };
        (handle, Self(Source::Handle { stops, reload }))
    }

    /// Waits until the server is told to stop, for a program that has nothing to reload yet. The name of the signal.
    pub async fn stop(&mut self) -> &'static str {
        loop {
            match self.next().await {
                Order::Stop(signal) => return signal,
                Order::Reload(signal) => ignored(signal),
            }
        }
    }

    /// Waits for the next order.
    pub(crate) async fn next(&mut self) -> Order {
        match &mut self.0 {
            Source::System(system) => system.next().await,
            // A channel without a sender is not asked: nobody is left who could give an order.
            Source::Handle { stops, reload } => tokio::select! {
                Some(()) = stops.recv() => Order::Stop("handle"),
                () = reload.notified() => Order::Reload("handle"),
            },
        }
    }
}

impl System {
    async fn next(&mut self) -> Order {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Order::Stop("SIGTERM"),
                _ = self.interrupt.recv() => return Order::Stop("SIGINT"),
                _ = self.hangup.recv() => return Order::Reload("SIGHUP"),
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
    /// Tells the server to stop; told again, to stop at once.
    pub fn stop(&self) {
        // A full channel holds the orders that matter already; a closed one has nobody to obey.
        let _ = self.stops.try_send(());
    }

    /// Tells the server to reload. Orders that come before the server takes the first one count as one.
    pub fn reload(&self) {
        self.reload.notify_one();
    }
}
