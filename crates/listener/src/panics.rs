//! Panics below the application cost their own connection, and are counted and logged.

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

use crate::exchange::Exchange;

/// The text of a panic, for the log.
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
    /// Where in the code it happened is known to the panic hook alone (`palisade_telemetry::log_panics`).
    fn report(&self, client: Option<SocketAddr>, place: &'static str, cause: &str) {
        if let Some(count) = &self.count {
            count();
        }
        let (listener, address) = (self.listener, self.address);
        let client_ip = client.map(|client| tracing::field::display(client.ip().to_canonical()));
        tracing::error!(listener, %address, client_ip, place, cause, "server.panicked");
    }
}

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panics").field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// What is known of a connection, should it panic.
#[derive(Default)]
pub(crate) struct Trace {
    client: Option<SocketAddr>,
    exchange: OnceCell<Rc<Exchange>>,
}

impl Trace {
    /// The connection is open, and this is where it stands from now on.
    pub(crate) fn opened(&self, exchange: Rc<Exchange>) {
        // It is opened once.
        let _ = self.exchange.set(exchange);
    }

    /// Who is at the other end.
    pub(crate) fn client(&self) -> Option<SocketAddr> {
        self.client
    }

    fn place(&self) -> &'static str {
        self.exchange.get().map_or("opening", |exchange| exchange.place())
    }
}

/// A connection's service behind which no panic gets further.
pub(crate) struct Guarded<S> {
    inner: S,
    panics: Panics,
}

impl<S> Guarded<S> {
    pub(crate) fn new(inner: S, panics: Panics) -> Self {
        Self { inner, panics }
    }
}

impl<S> Drop for Guarded<S> {
    /// What else panics in a worker ends its thread, and with it this service; actix-server starts another one.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.panics.report(None, "worker", "the worker panicked");
        }
    }
}

impl<S> ServiceFactory<TcpStream> for Guarded<S>
where
    S: ServiceFactory<(TcpStream, Rc<Trace>), Response = (), Config = ()>,
    S::Future: 'static,
    S::Error: 'static,
{
    type Response = ();
    type Error = ();
    type Config = ();
    type Service = Guarded<S::Service>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (service, panics) = (self.inner.new_service(()), self.panics.clone());
        Box::pin(async move { Ok(Guarded::new(service.await?, panics)) })
    }
}

impl<S> Service<TcpStream> for Guarded<S>
where
    S: Service<(TcpStream, Rc<Trace>), Response = ()>,
{
    type Response = ();
    type Error = ();
    type Future = Served<S::Future>;

    /// After an error the worker makes the service anew.
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
        let trace = Rc::new(Trace { client: tcp.peer_addr().ok(), exchange: OnceCell::new() });
        let mut served = Served { inner: None, trace: Rc::clone(&trace), panics: self.panics.clone() };
        match catch_unwind(AssertUnwindSafe(|| Box::pin(self.inner.call((tcp, trace))))) {
            Ok(inner) => served.inner = Some(inner),
            Err(panic) => served.report(&*panic),
        }
        served
    }
}

/// A connection that is being served.
pub(crate) struct Served<F> {
    inner: Option<Pin<Box<F>>>,
    trace: Rc<Trace>,
    panics: Panics,
}

impl<F> Served<F> {
    fn report(&self, panic: &(dyn Any + Send)) {
        self.panics.report(self.trace.client, self.trace.place(), panic_text(panic));
    }

    /// What a handler holds may panic when it is dropped, too.
    fn end(&mut self) {
        let inner = self.inner.take();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(inner))) {
            self.report(&*panic);
        }
    }
}

impl<F: Future<Output = Result<(), E>>, E> Future for Served<F> {
    type Output = Result<(), ()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(Err(())) };
        // Nothing that a panic could have left half-changed is looked at again.
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

impl<F> Drop for Served<F> {
    fn drop(&mut self) {
        self.end();
    }
}
