//! A server before its start.

use std::{fmt, io, sync::Arc};

use actix_http::{
    Request, Response,
    body::MessageBody,
    header::{HeaderName, HeaderValue},
};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::AppConfig;
use palisade_core::{Clock, ErrorFormat, Ids};

use crate::{
    Bound, Listener, Options, RefusalPacing, Running,
    certificates::Certificates,
    client_limit::Clients,
    config::{ConnectionConfig, Limits},
    connections::{Connections, ListenerConnections},
    error_response::ErrorResponses,
    listener::{Parts, tune},
    panics::Panics,
    service::{Plain, connection_service},
};

/// Listeners with their applications, not yet started.
pub struct Server {
    options: Options,
    error_responses: Arc<ErrorResponses>,
    count_panic: Option<Arc<dyn Fn() + Send + Sync>>,
    connections: Connections,
    parts: Vec<(Vec<Bound>, actix_server::Server)>,
    certificates: Certificates,
}

impl Server {
    /// A server without listeners.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        let error_responses = Arc::new(ErrorResponses::new(clock, ids));
        let connections = Connections::new();
        Self {
            options,
            error_responses,
            count_panic: None,
            connections,
            parts: Vec::new(),
            certificates: Certificates::default(),
        }
    }

    /// Sets the format of error responses to requests that do not reach an application. The default is the envelope. Call
    /// it before [`Server::listen`].
    #[must_use]
    pub fn error_format(mut self, format: ErrorFormat) -> Self {
        self.error_responses = Arc::new(self.error_responses.in_format(format));
        self
    }

    /// Adds headers to error responses to requests that do not reach an application. Call it before [`Server::listen`].
    #[must_use]
    pub fn error_headers<'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) -> Self {
        self.error_responses = Arc::new(self.error_responses.with_headers(headers));
        self
    }

    /// Calls `count` for each panic below the applications: in a parser, a TLS handshake or a worker. Such a panic ends
    /// only its own connection and is logged as `server.panicked`. Call it before [`Server::listen`].
    #[must_use]
    pub fn on_panic(self, count: impl Fn() + Send + Sync + 'static) -> Self {
        Self { count_panic: Some(Arc::new(count)), ..self }
    }

    /// Serves applications built by `factory` on `listener`, one in each of `workers` threads (1 to 512).
    ///
    /// # Errors
    /// When the operating system rejects an operation on a socket.
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
        let Parts { name, sockets, clients, pacing, max_connections, tls } = listener.into_parts();
        let max = max_connections.unwrap_or(self.options.max_connections);
        let mut builder = self.options.builder(workers.clamp(1, MAX_WORKERS), max);
        let connections = self.connections.of_listener(max);
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
            error_responses: self.error_responses.clone(),
            connections,
            clients,
            pacing,
            panics,
        }
    }

    /// Starts accepting on all listeners. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When an application cannot be built or a thread cannot be started. Nothing is left running then.
    pub async fn start(self) -> io::Result<Running> {
        Running::start(self.options, self.connections, self.certificates, self.parts).await
    }
}

/// The maximum number of threads per listener in actix-server.
const MAX_WORKERS: usize = 512;
