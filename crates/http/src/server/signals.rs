//! What tells the server to stop.

use std::io;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

/// Where the order to stop comes from.
#[derive(Debug)]
pub struct StopSignals(Source);

#[derive(Debug)]
enum Source {
    System { terminate: Signal, interrupt: Signal },
    Handle(mpsc::Receiver<()>),
}

/// Tells a server to stop, from within the program.
#[derive(Debug, Clone)]
pub struct StopHandle(mpsc::Sender<()>);

impl StopSignals {
    /// SIGTERM and SIGINT, which no longer end the process by themselves then. Must be called within a tokio
    /// runtime.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn from_system() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self(Source::System { terminate, interrupt }))
    }

    /// A handle in place of signals, for tests and for programs that embed the server.
    #[must_use]
    pub fn from_handle() -> (StopHandle, Self) {
        let (sender, receiver) = mpsc::channel(2);
        (StopHandle(sender), Self(Source::Handle(receiver)))
    }

    /// Waits for the next order; its name, for the log.
    pub(super) async fn next(&mut self) -> &'static str {
        match &mut self.0 {
            Source::System { terminate, interrupt } => tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            },
            Source::Handle(orders) => match orders.recv().await {
                Some(()) => "handle",
                // Nobody is left who could give an order.
                None => std::future::pending().await,
            },
        }
    }
}

impl StopHandle {
    /// Gives the order to stop; given again, to stop at once.
    pub fn stop(&self) {
        // A full channel holds the orders that matter already; a closed one has nobody to obey.
        let _ = self.0.try_send(());
    }
}
