//! The server: listeners, connections and their end.
//!
//! It runs an actix-web application like `actix_web::HttpServer` does, over the same parts, and adds what a
//! public service needs and that one does not give:
//!
//! - the answers that actix writes below any middleware (malformed, oversized or slow requests) become the
//!   catalogue's error bodies with a request id, and are logged (`stream`, `bare`, `refusal`);
//! - heads, bodies and the reading of responses have time limits, which end connections (`stream`);
//! - requests that follow each other on a connection are served one at a time, and heads are bounded (`stream/inbound`);
//! - a panic below the application costs its own connection, is counted and logged (`panics`);
//! - no client has more than its share of the connections (`clients`);
//! - TLS, whose certificate is renewed while the server runs (`tls`);
//! - several listeners, each with its own application and workers, start and stop together;
//! - it answers while the program is still starting (`deferred`);
//! - the stop is in order: no more traffic, finish, close, hooks; a second signal ends it (`lifecycle`).
//!
//! ```no_run
//! use std::sync::Arc;
//! use actix_web::{App, web};
//! use palisade_core::{Ids, SystemClock, SystemRandom};
//! use palisade_http::server::{Hooks, Listener, Options, Server, Signals, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Arc::new(SystemClock);
//! let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
//! let server = Server::new(Options::default(), clock, ids)
//!     .listen(Listener::bind("api", "127.0.0.1", 8000)?, 2, || App::new().route("/", web::get().to(|| async { "hello" })))?;
//! let ending = serve(server, Signals::from_system()?, Hooks::default()).await?;
//! # Ok(()) }
//! ```
//!
//! It speaks HTTP/1.1, over TLS where a listener is given a [`Tls`]. HTTP/2 is left to the proxy in front of it.

mod admission;
mod bare;
mod certificates;
mod clients;
mod config;
mod connections;
mod deferred;
mod exchange;
mod hooks;
mod lifecycle;
mod listener;
mod observed;
mod options;
mod pacing;
mod panics;
mod payload;
mod refusal;
mod running;
mod service;
mod signals;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod watched;

use std::{fmt, io, sync::Arc};

use actix_http::{
    Request, Response,
    body::MessageBody,
    header::{HeaderName, HeaderValue},
};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::AppConfig;
use palisade_core::{Clock, Ids};

pub use clients::ClientLimit;
pub use deferred::{ApplicationError, Deferred, DeferredApplication};
pub use hooks::Hooks;
pub use lifecycle::{Ending, StartError, serve, serve_while_starting};
pub use listener::{BindError, Listener};
pub use options::Options;
pub use pacing::{RefusalPacing, TurnedAway};
pub use running::{Bound, Running};
pub use signals::{SignalHandle, Signals};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError, TlsFile};

use crate::error::ErrorFormat;
use certificates::Certificates;
use clients::Clients;
use config::{ConnectionConfig, Limits};
use connections::{Connections, ListenerConnections};
use listener::{Parts, tune};
use panics::Panics;
use refusal::Refusals;
use service::{Plain, connection_service};

/// Listeners with their applications, not yet started.
pub struct Server {
    options: Options,
    refusals: Arc<Refusals>,
    count_panic: Option<Arc<dyn Fn() + Send + Sync>>,
    connections: Connections,
    parts: Vec<(Vec<Bound>, actix_server::Server)>,
    certificates: Certificates,
}

impl Server {
    /// A server without listeners.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        let refusals = Arc::new(Refusals::new(clock, ids));
        let connections = Connections::none();
        Self {
            options,
            refusals,
            count_panic: None,
            connections,
            parts: Vec::new(),
            certificates: Certificates::default(),
        }
    }

    /// The form of the errors that no application could answer; the envelope unless told. To be said before
    /// [`Server::listen`].
    #[must_use]
    pub fn error_format(mut self, format: ErrorFormat) -> Self {
        self.refusals = Arc::new(self.refusals.in_format(format));
        self
    }

    /// Headers of the answers that no application could give, beside their own. To be said before
    /// [`Server::listen`].
    #[must_use]
    pub fn error_headers<'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) -> Self {
        self.refusals = Arc::new(self.refusals.with_headers(headers));
        self
    }

    /// Calls `count` for each panic below the applications: in a parser, a TLS handshake, a worker. It costs its own
    /// connection alone and is logged as `server.panicked`. To be said before [`Server::listen`].
    #[must_use]
    pub fn on_panic(self, count: impl Fn() + Send + Sync + 'static) -> Self {
        Self { count_panic: Some(Arc::new(count)), ..self }
    }

    /// Serves the applications that `factory` makes, one in each of `workers` threads (1 to 512), on
    /// `listener`.
    ///
    /// # Errors
    /// When the operating system refuses to use the sockets.
    pub fn listen<F, I, S, B>(mut self, listener: Listener, workers: usize, factory: F) -> io::Result<Self>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<actix_web::Error> + 'static,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let Parts { name, sockets, clients, pacing, most, tls } = listener.into_parts();
        let most = most.unwrap_or(self.options.max_connections);
        let mut builder = self.options.builder(workers.clamp(1, MAX_WORKERS), most);
        let connections = self.connections.of_listener(most);
        let clients = clients.map(|limit| Arc::new(Clients::new(limit)));
        let mut bound = Vec::new();
        for socket in sockets {
            let address = socket.local_addr()?;
            bound.push(Bound { listener: name, address });
            let panics = Panics { listener: name, address, count: self.count_panic.clone() };
            let connection = self.connection(panics, connections.clone(), clients.clone(), pacing.clone());
            let factory = factory.clone();
            tune(&socket, self.options.write_timeout)?;
            builder = match &tls {
                #[cfg(feature = "tls")]
                Some(tls) => {
                    let tls = tls.clone();
                    let service = move || connection_service(tls.clone(), factory(), connection.clone());
                    builder.listen(name, socket, service)?
                }
                _ => {
                    let service = move || connection_service(Plain, factory(), connection.clone());
                    builder.listen(name, socket, service)?
                }
            };
        }
        #[cfg(feature = "tls")]
        self.certificates.extend(tls);
        self.parts.push((bound, builder.run()));
        Ok(self)
    }

    fn connection(
        &self,
        panics: Panics,
        connections: ListenerConnections,
        clients: Option<Arc<Clients>>,
        pacing: RefusalPacing,
    ) -> ConnectionConfig {
        ConnectionConfig {
            address: panics.address,
            limits: Limits::from(&self.options),
            refusals: self.refusals.clone(),
            connections,
            clients,
            pacing,
            panics,
        }
    }

    /// Starts accepting on all listeners. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When an application cannot be made or a thread cannot be started; nothing is left running then.
    pub async fn start(self) -> io::Result<Running> {
        Running::start(self.options, self.connections, self.certificates, self.parts).await
    }
}

/// The most threads actix-server takes for one listener.
const MAX_WORKERS: usize = 512;
