//! The service that a worker runs for each accepted connection.

use std::{fmt, future::Future, io, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};

use actix_http::{HttpService, Request, Response, body::MessageBody, error::DispatchError};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use tokio::net::TcpStream;

use crate::{
    admission::Admitted,
    config::{ConnectionConfig, DISCONNECT_TIMEOUT},
    panics::{ConnectionContext, PanicGuard},
    response_body::WRITE_BUFFER,
    stream::Stream,
    tracked_application::TrackedApplication,
    transport::{Tcp, Transport},
};

/// Turns a TCP connection into the transport of HTTP: plain TCP or TLS.
pub(crate) trait Accept: Clone + 'static {
    /// The transport.
    type Transport: Transport;

    /// Sets the transport up. `None` when the client fails to, for example in the TLS handshake.
    fn accept(
        &self,
        tcp: Tcp,
        admitted: &Admitted,
        config: &ConnectionConfig,
    ) -> impl Future<Output = Option<Self::Transport>>;
}

/// Plain TCP.
#[derive(Clone)]
pub(crate) struct Plain;

impl Accept for Plain {
    type Transport = Tcp;

    async fn accept(&self, tcp: Tcp, _: &Admitted, _: &ConnectionConfig) -> Option<Tcp> {
        Some(tcp)
    }
}

/// Builds the service of a listener: panic guard, transport set-up by `accept`, HTTP/1.1, application.
pub(crate) fn connection_service<A, I, S, B>(
    accept: A,
    application: I,
    config: ConnectionConfig,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = (), InitError = ()>
where
    A: Accept,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let (address, connections) = (config.address, config.connections.clone());
    let application = application.into_factory().map_err(|error| error.into().error_response());
    // It has no public constructor: docs/decisions/0029-an-application-is-told-its-address-by-a-hidden-function.md.
    let app_config = AppConfig::__priv_test_new(A::Transport::SECURE, address.to_string(), address);
    let application = map_config(application, move |()| app_config.clone());
    let http = HttpService::build()
        .keep_alive(config.limits.idle)
        // `Stream` limits the time of every head; this limits only the first.
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .h1_write_buffer_size(WRITE_BUFFER)
        .local_addr(address)
        .graceful_shutdown_signal(move || connections.close_requested())
        .on_connect_ext(|stream: &Stream<A::Transport>, data| {
            data.insert(stream.connection());
        })
        .h1(TrackedApplication::new(application, config.connections.clone()));
    let panics = config.panics.clone();
    let config = Arc::new(config);
    let open = fn_service(move |(tcp, context)| open(accept.clone(), tcp, context, Arc::clone(&config)));
    PanicGuard::new(open.and_then(http), panics)
}

/// Admits a connection and sets its transport up.
async fn open<A: Accept>(
    accept: A,
    tcp: TcpStream,
    context: Rc<ConnectionContext>,
    config: Arc<ConnectionConfig>,
) -> Result<(Stream<A::Transport>, Option<SocketAddr>), DispatchError> {
    // actix-server ignores errors of connections.
    let aborted = || DispatchError::Io(io::ErrorKind::ConnectionAborted.into());
    let client = context.client();
    let admitted = Admitted::new(client, &config).ok_or_else(aborted)?;
    let transport = accept.accept(Tcp::new(tcp), &admitted, &config).await.ok_or_else(aborted)?;
    let stream = Stream::new(transport, admitted, &config);
    context.opened(stream.connection());
    Ok((stream, client))
}
