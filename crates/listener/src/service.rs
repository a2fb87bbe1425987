//! What one worker does with a connection it was given.

use std::{fmt, future::Future, io, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};

use actix_http::{HttpService, Request, Response, body::MessageBody, error::DispatchError};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use tokio::net::TcpStream;

use crate::{
    admission::Admitted,
    config::{ConnectionConfig, DISCONNECT_TIMEOUT},
    observed::Observed,
    panics::{Guarded, Trace},
    stream::Stream,
    transport::{Tcp, Transport},
    watched::WRITE_BUFFER,
};

/// How a TCP connection becomes what requests come over.
pub(crate) trait Accept: Clone + 'static {
    /// What they come over.
    type Transport: Transport;

    /// `None` for a client that does not bring it about.
    fn accept(
        &self,
        tcp: Tcp,
        admitted: &Admitted,
        config: &ConnectionConfig,
    ) -> impl Future<Output = Option<Self::Transport>>;
}

/// Requests come over TCP itself.
#[derive(Clone)]
pub(crate) struct Plain;

impl Accept for Plain {
    type Transport = Tcp;

    async fn accept(&self, tcp: Tcp, _: &Admitted, _: &ConnectionConfig) -> Option<Tcp> {
        Some(tcp)
    }
}

/// The application behind HTTP/1.1 behind what `accept` makes of a connection, with a guard against panics around all.
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
    let (address, leaving) = (config.address, config.connections.clone());
    let application = application.into_factory().map_err(|error| error.into().error_response());
    // Nothing public makes one: docs/decisions/0029-an-application-is-told-its-address-by-a-hidden-function.md.
    let told = AppConfig::__priv_test_new(A::Transport::SECURE, address.to_string(), address);
    let application = map_config(application, move |()| told.clone());
    let http = HttpService::build()
        .keep_alive(config.limits.idle)
        // The stream sees to it, for each head instead of the first alone.
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .h1_write_buffer_size(WRITE_BUFFER)
        .local_addr(address)
        .graceful_shutdown_signal(move || leaving.let_go())
        .on_connect_ext(|stream: &Stream<A::Transport>, data| {
            data.insert(stream.exchange());
        })
        .h1(Observed::new(application, config.connections.clone()));
    let panics = config.panics.clone();
    let config = Arc::new(config);
    let open = fn_service(move |(tcp, trace)| open(accept.clone(), tcp, trace, Arc::clone(&config)));
    Guarded::new(open.and_then(http), panics)
}

async fn open<A: Accept>(
    accept: A,
    tcp: TcpStream,
    trace: Rc<Trace>,
    config: Arc<ConnectionConfig>,
) -> Result<(Stream<A::Transport>, Option<SocketAddr>), DispatchError> {
    // actix-server looks at no error of a connection.
    let left = || DispatchError::Io(io::ErrorKind::ConnectionAborted.into());
    let client = trace.client();
    let admitted = Admitted::new(client, &config).ok_or_else(left)?;
    let transport = accept.accept(Tcp::new(tcp), &admitted, &config).await.ok_or_else(left)?;
    let stream = Stream::new(transport, admitted, &config);
    trace.opened(stream.exchange());
    Ok((stream, client))
}
