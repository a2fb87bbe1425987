//! Confines a panic below the application to its own connection, counts it and logs it.

use std::{
    any::Any,
    cell::OnceCell,
    fmt,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_service::{Service, ServiceFactory};
use palisade_core::panic_message;
use tokio::net::TcpStream;

use crate::connection_state::ConnectionState;

/// The message of a panic, for the log.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic_message(panic).unwrap_or("without a text")
}

/// Reports the panics of one listener.
#[derive(Clone)]
pub(crate) struct Panics {
    pub(crate) listener: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) count: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Panics {
    /// Counts and logs a panic. Only the panic hook knows its location in the code (`palisade_telemetry::log_panics`).
    fn report(&self, client: Option<SocketAddr>, phase: &'static str, cause: &str) {
        if let Some(count) = &self.count {
            count();
        }
        let (listener, address) = (self.listener, self.address);
        let client_ip = client.map(|client| tracing::field::display(client.ip().to_canonical()));
        tracing::error!(listener, %address, client_ip, place = phase, cause, "server.panicked");
    }
}

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panics").field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// What a panic report says about its connection.
#[derive(Default)]
pub(crate) struct ConnectionContext {
    client: Option<SocketAddr>,
    connection: OnceCell<Rc<ConnectionState>>,
}

impl ConnectionContext {
    /// Records that the connection is open, with its state.
    pub(crate) fn opened(&self, connection: Rc<ConnectionState>) {
        // Called once per connection.
        let _ = self.connection.set(connection);
    }

    /// The client's address.
    pub(crate) fn client(&self) -> Option<SocketAddr> {
        self.client
    }

    fn phase(&self) -> &'static str {
        self.connection.get().map_or("opening", |connection| connection.phase())
    }
}

/// A connection service that catches the panics of `inner`.
pub(crate) struct PanicGuard<S> {
    inner: S,
    panics: Panics,
}

impl<S> PanicGuard<S> {
    pub(crate) fn new(inner: S, panics: Panics) -> Self {
        Self { inner, panics }
    }
}

impl<S> Drop for PanicGuard<S> {
    /// A panic outside this service ends the worker's thread and drops the service. actix-server starts a new worker.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.panics.report(None, "worker", "the worker panicked");
        }
    }
}

impl<S> ServiceFactory<TcpStream> for PanicGuard<S>
where
    S: ServiceFactory<(TcpStream, Rc<ConnectionContext>), Response = (), Config = ()>,
    S::Future: 'static,
    S::Error: 'static,
{
    type Response = ();
    type Error = ();
    type Config = ();
    type Service = PanicGuard<S::Service>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (service, panics) = (self.inner.new_service(()), self.panics.clone());
        Box::pin(async move { Ok(PanicGuard::new(service.await?, panics)) })
    }
}

impl<S> Service<TcpStream> for PanicGuard<S>
where
    S: Service<(TcpStream, Rc<ConnectionContext>), Response = ()>,
{
    type Response = ();
    type Error = ();
    type Future = GuardedConnection<S::Future>;

    /// After an error the worker rebuilds the service.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        match catch_unwind(AssertUnwindSafe(|| self.inner.poll_ready(cx))) {
            Ok(ready) => ready.map_err(drop),
            Err(panic) => {
                self.panics.report(None, "worker", panic_text(&*panic));
                Poll::Ready(Err(()))
            }
        }
    }

    fn call(&self, tcp: TcpStream) -> Self::Future {
        let context =
            Rc::new(ConnectionContext { client: tcp.peer_addr().ok(), connection: OnceCell::new() });
        let mut served =
            GuardedConnection { inner: None, context: Rc::clone(&context), panics: self.panics.clone() };
        match catch_unwind(AssertUnwindSafe(|| Box::pin(self.inner.call((tcp, context))))) {
            Ok(inner) => served.inner = Some(inner),
            Err(panic) => served.report(&*panic),
        }
        served
    }
}

/// Future of a connection; catches its panics.
pub(crate) struct GuardedConnection<F> {
    inner: Option<Pin<Box<F>>>,
    context: Rc<ConnectionContext>,
    panics: Panics,
}

impl<F> GuardedConnection<F> {
    fn report(&self, panic: &(dyn Any + Send)) {
        self.panics.report(self.context.client, self.context.phase(), panic_text(panic));
    }

    /// Drops the inner future. Values that a handler holds may panic in their `drop`, too.
    fn end(&mut self) {
        let inner = self.inner.take();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(inner))) {
            self.report(&*panic);
        }
    }
}

impl<F: Future<Output = Result<(), E>>, E> Future for GuardedConnection<F> {
    type Output = Result<(), ()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(Err(())) };
        // After a panic `inner` is dropped and never polled again, so a broken invariant cannot be observed.
        let outcome = match catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome.map_err(drop),
            Err(panic) => {
                self.report(&*panic);
                Err(())
            }
        };
        self.end();
        Poll::Ready(outcome)
    }
}

impl<F> Drop for GuardedConnection<F> {
    fn drop(&mut self) {
        self.end();
    }
}
