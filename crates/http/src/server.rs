//! The server: listeners, connections and their end.
//!
//! It runs an actix-web application like `actix_web::HttpServer` does, over the same parts, and adds what a
//! public service needs and that one does not give:
//!
//! - the answers that actix writes below any middleware (malformed, oversized or slow requests) become the
//!   catalogue's error bodies with a request id, and are logged (`stream`, `bare`, `refusal`);
//! - each request head has a time limit, not only the first one of a connection (`stream`);
//! - several listeners, each with its own application and workers, start and stop together;
//! - the stop is in order: no more traffic, finish, close, hooks; a second signal ends it (`lifecycle`).
//!
//! ```no_run
//! use std::sync::Arc;
//! use actix_web::{App, web};
//! use palisade_core::{Ids, SystemClock, SystemRandom};
//! use palisade_http::server::{Hooks, Listener, Options, Server, StopSignals, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Arc::new(SystemClock);
//! let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
//! let server = Server::new(Options::default(), clock, ids)
//!     .listen(Listener::bind("api", "127.0.0.1", 8000)?, 2, || App::new().route("/", web::get().to(|| async { "hello" })))?;
//! let ending = serve(server, StopSignals::from_system()?, Hooks::default()).await?;
//! # Ok(()) }
//! ```
//!
//! It speaks HTTP/1.1. HTTP/2 and TLS are left to the proxy in front of it.

mod bare;
mod connections;
mod exchange;
mod hooks;
mod lifecycle;
mod listener;
mod observed;
mod options;
mod refusal;
mod running;
mod signals;
mod stream;
mod watched;

use std::{fmt, future::ready, io, net::SocketAddr, sync::Arc, time::Duration};

use actix_http::{HttpService, Request, Response, body::MessageBody, error::DispatchError};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use palisade_core::{Clock, Ids};
use tokio::net::TcpStream;

pub use hooks::Hooks;
pub use lifecycle::{Ending, StartError, serve};
pub use listener::{BindError, Listener};
pub use options::Options;
pub use running::{Bound, Running};
pub use signals::{StopHandle, StopSignals};

use crate::error::ErrorFormat;
use connections::Connections;
use observed::Observed;
use refusal::Refusals;
use stream::Stream;

/// How long a connection that is being closed may take to say what it still has to say.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Listeners with their applications, not yet started.
pub struct Server {
    options: Options,
    refusals: Arc<Refusals>,
    connections: Connections,
    parts: Vec<(Vec<Bound>, actix_server::Server)>,
}

impl Server {
    /// A server without listeners.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        let refusals = Arc::new(Refusals::new(clock, ids));
        Self { options, refusals, connections: Connections::none(), parts: Vec::new() }
    }

    /// The form of the errors that no application could answer; the envelope unless told. To be said before
    /// [`Server::listen`].
    #[must_use]
    pub fn error_format(mut self, format: ErrorFormat) -> Self {
        self.refusals = Arc::new(self.refusals.in_format(format));
        self
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
        let mut builder = self.options.builder(workers.clamp(1, MAX_WORKERS));
        let (name, sockets) = listener.into_sockets();
        let mut bound = Vec::new();
        for socket in sockets {
            let address = socket.local_addr()?;
            bound.push(Bound { listener: name, address });
            let (factory, connection) = (factory.clone(), self.connection(address));
            let service = move || connection_service(factory(), connection.clone());
            builder = builder.listen(name, socket, service)?;
        }
        self.parts.push((bound, builder.run()));
        Ok(self)
    }

    fn connection(&self, address: SocketAddr) -> ConnectionConfig {
        ConnectionConfig {
            address,
            keep_alive: self.options.keep_alive,
            head_timeout: self.options.head_timeout,
            refusals: self.refusals.clone(),
            connections: self.connections.clone(),
        }
    }

    /// Starts accepting on all listeners. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When an application cannot be made or a thread cannot be started; nothing is left running then.
    pub async fn start(self) -> io::Result<Running> {
        Running::start(self.options, self.connections, self.parts).await
    }
}

/// The most threads actix-server takes for one listener.
const MAX_WORKERS: usize = 512;

/// What each connection of a listener needs to know.
#[derive(Clone)]
struct ConnectionConfig {
    /// The listener's own address.
    address: SocketAddr,
    keep_alive: Duration,
    head_timeout: Duration,
    refusals: Arc<Refusals>,
    connections: Connections,
}

/// What one worker does with a connection it was given.
fn connection_service<I, S, B>(
    application: I,
    config: ConnectionConfig,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let (address, connections, leaving) =
        (config.address, config.connections.clone(), config.connections.clone());
    let application = application.into_factory().map_err(|error| error.into().error_response());
    // The only way to tell an application its address that actix-web leaves open to others than itself.
    let told = AppConfig::__priv_test_new(false, address.to_string(), address);
    let application = map_config(application, move |()| told.clone());
    let http = HttpService::build()
        .keep_alive(config.keep_alive)
        // The stream sees to it, for each head instead of the first alone.
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .local_addr(address)
        .graceful_shutdown_signal(move || leaving.let_go())
        .on_connect_ext(|stream: &Stream, data| {
            data.insert(stream.exchange());
        })
        .h1(Observed::new(application, connections));
    let accept = fn_service(move |tcp: TcpStream| {
        let client = tcp.peer_addr().ok();
        ready(Ok::<_, DispatchError>((Stream::new(tcp, client, &config), client)))
    });
    accept.and_then(http)
}
