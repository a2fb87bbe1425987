//! Snapshot of a request, for the layers that outlive it.
//!
//! actix-web moves the request into the handler and forbids a second handle while it is routed. So a handler that panics
//! or is dropped takes the request with it, and an error from an inner layer comes without one. Still, the answer must be
//! a response to a request, which the outer layers finish.

mod stand_in;

#[cfg(any(feature = "client-address", feature = "renderer"))]
use std::cell::Cell;
#[cfg(feature = "log")]
use std::net::IpAddr;
use std::{net::SocketAddr, rc::Rc};

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, Uri,
        header::{ACCEPT, HeaderName, HeaderValue, ORIGIN},
    },
};
use palisade_core::RequestContext;
#[cfg(any(feature = "log", feature = "metrics", feature = "request-logging"))]
use palisade_core::TraceContext;

#[cfg(feature = "client-address")]
use crate::client_address::Client;
use stand_in::stand_in;

/// The parts of a request that outer layers need when the request is lost.
#[derive(Debug)]
pub(crate) struct RequestSnapshot {
    method: Method,
    uri: Uri,
    peer: Option<SocketAddr>,
    #[cfg(feature = "request-id")]
    secure: bool,
    headers: [(HeaderName, Option<HeaderValue>); 2],
    context: Option<RequestContext>,
    #[cfg(feature = "client-address")]
    client: Cell<Option<Client>>,
    #[cfg(feature = "renderer")]
    rendered: Cell<bool>,
}

impl RequestSnapshot {
    /// The snapshot of `request`, made once for all layers.
    pub(crate) fn of(request: &ServiceRequest) -> Rc<Self> {
        let extensions = request.extensions();
        let present = extensions.get::<Rc<Self>>();
        if let Some(snapshot) = present.filter(|snapshot| snapshot.context.is_some()) {
            return Rc::clone(snapshot);
        }
        let context = extensions.get::<RequestContext>().cloned();
        if let (Some(snapshot), None) = (present, &context) {
            return Rc::clone(snapshot);
        }
        drop(extensions);
        let snapshot = Rc::new(Self::new(request, context));
        request.extensions_mut().insert(Rc::clone(&snapshot));
        snapshot
    }

    fn new(request: &ServiceRequest, context: Option<RequestContext>) -> Self {
        let header = |name: HeaderName| {
            let value = request.headers().get(&name).cloned();
            (name, value)
        };
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            peer: request.peer_addr(),
            #[cfg(feature = "request-id")]
            secure: request.app_config().secure(),
            headers: [header(ACCEPT), header(ORIGIN)],
            context,
            #[cfg(feature = "client-address")]
            client: Cell::new(request.extensions().get::<Client>().copied()),
            #[cfg(feature = "renderer")]
            rendered: Cell::new(false),
        }
    }

    /// Notes that the renderer will give a body to whatever error comes back.
    #[cfg(feature = "renderer")]
    pub(crate) fn will_be_rendered(&self) {
        self.rendered.set(true);
    }

    /// Whether it will.
    #[cfg(feature = "renderer")]
    pub(crate) fn is_rendered(request: &HttpRequest) -> bool {
        request.extensions().get::<Rc<Self>>().is_some_and(|snapshot| snapshot.rendered.get())
    }

    /// Notes who sent `request`, for the layers outside of the one that found it out.
    #[cfg(feature = "client-address")]
    pub(crate) fn note_client(request: &ServiceRequest, client: Client) {
        if let Some(snapshot) = request.extensions().get::<Rc<Self>>() {
            snapshot.client.set(Some(client));
        }
    }

    /// The request's method, as it came.
    #[cfg(any(feature = "log", feature = "metrics", feature = "request-id", feature = "request-logging"))]
    pub(crate) const fn method(&self) -> &Method {
        &self.method
    }

    /// The request's path, as it came.
    #[cfg(any(feature = "log", feature = "metrics"))]
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The address of who sent it.
    #[cfg(feature = "log")]
    pub(crate) fn client_ip(&self) -> Option<IpAddr> {
        #[cfg(feature = "client-address")]
        if let Some(client) = self.client.get() {
            return Some(client.ip);
        }
        self.peer.map(|peer| peer.ip().to_canonical())
    }

    /// Whether its client speaks https, be it to us or to the outermost trusted proxy.
    #[cfg(feature = "request-id")]
    pub(crate) fn is_https(&self) -> bool {
        #[cfg(feature = "client-address")]
        if let Some(client) = self.client.get() {
            return client.https;
        }
        self.secure
    }

    /// Tells of the request by `event`, in its name: a line that is written when its work is over is found with those
    /// that were written meanwhile.
    #[cfg(any(feature = "log", feature = "request-logging"))]
    pub(crate) fn tell(&self, event: impl FnOnce()) {
        match &self.context {
            Some(context) => palisade_telemetry::correlation::within(context, event),
            None => event(),
        }
    }

    /// Its name, if the request-id layer is installed.
    #[cfg(any(feature = "log", feature = "request-logging"))]
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.context.as_ref().map(|context| context.request_id.as_str())
    }

    /// Its place in a trace, if the request-id layer is installed.
    #[cfg(any(feature = "log", feature = "metrics", feature = "request-logging"))]
    pub(crate) fn trace(&self) -> Option<&TraceContext> {
        self.context.as_ref()?.trace.as_ref()
    }

    /// The name of that trace.
    #[cfg(any(feature = "log", feature = "request-logging"))]
    pub(crate) fn trace_id(&self) -> Option<String> {
        self.trace().map(TraceContext::trace_id_text)
    }

    /// The response to the lost request.
    ///
    /// # Errors
    /// `error` itself where actix-web makes no request to respond to, which happens to no version that is known.
    pub(crate) fn answer(&self, error: Error) -> Result<ServiceResponse, Error> {
        let Some(request) = self.stand_in() else { return Err(error) };
        let headers = error.error_response().headers().clone();
        let mut response = HttpResponse::from_error(error);
        // `from_error` leaves out what inner layers added to the error's response.
        *response.headers_mut() = headers;
        // `ServiceRequest::into_response` would drop the error that the response carries.
        Ok(ServiceResponse::new(request, response))
    }

    fn stand_in(&self) -> Option<HttpRequest> {
        let request = stand_in(|head| {
            head.method = self.method.clone();
            head.uri = self.uri.clone();
            head.peer_addr = self.peer;
            for (name, value) in &self.headers {
                if let Some(value) = value {
                    head.headers.insert(name.clone(), value.clone());
                }
            }
        })?;
        if let Some(context) = &self.context {
            request.extensions_mut().insert(context.clone());
        }
        #[cfg(feature = "client-address")]
        if let Some(client) = self.client.get() {
            request.extensions_mut().insert(client);
        }
        Some(request)
    }
}
