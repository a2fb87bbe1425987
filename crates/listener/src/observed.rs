//! The application as the connection sees it.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::{
    ConnectionType, HttpMessage as _, Method, Request, Response,
    body::{BoxBody, MessageBody},
    header::HeaderName,
};
use actix_service::{Service, ServiceFactory};
use palisade_core::TurnedAway;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::{
    connections::ListenerConnections,
    exchange::{Exchange, Framing},
    pacing::Pace,
    payload,
    watched::WatchedBody,
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An application whose requests and responses are told to the connection they come from.
pub(crate) struct Observed<S, B> {
    inner: Rc<S>,
    connections: ListenerConnections,
    body: PhantomData<fn() -> B>,
}

impl<S, B> Observed<S, B> {
    pub(crate) fn new(inner: S, connections: ListenerConnections) -> Self {
        Self { inner: Rc::new(inner), connections, body: PhantomData }
    }
}

impl<S, B> ServiceFactory<Request> for Observed<S, B>
where
    S: ServiceFactory<Request, Config = ()>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<WatchedBody<B>>;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Observed<S::Service, B>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (service, connections) = (self.inner.new_service(()), self.connections.clone());
        Box::pin(async move { Ok(Observed::new(service.await?, connections)) })
    }
}

impl<S, B> Service<Request> for Observed<S, B>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody,
{
    type Response = Response<WatchedBody<B>>;
    type Error = Response<BoxBody>;
    type Future = Responding<S, B>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&self, mut request: Request) -> Self::Future {
        let exchange = request.conn_data::<Rc<Exchange>>().cloned();
        if let Some(exchange) = &exchange {
            exchange.request(Framing::of(&mut request));
            payload::watch(&mut request, exchange);
            if request.head().expect() {
                exchange.expects_continue();
            }
        }
        Responding {
            head_request: request.method() == Method::HEAD,
            state: match exchange.as_ref().and_then(|exchange| exchange.pace().next()) {
                None => State::Called { response: self.inner.call(request) },
                Some(pace) => {
                    let held = Held::new(pace, Rc::clone(&self.inner), request);
                    State::Delayed { held: Some(Box::new(held)) }
                }
            },
            exchange,
            connections: self.connections.clone(),
            body: PhantomData,
        }
    }
}

pin_project! {
    /// A response that is being made.
    pub(crate) struct Responding<S: Service<Request>, B> {
        #[pin]
        state: State<S>,
        exchange: Option<Rc<Exchange>>,
        connections: ListenerConnections,
        head_request: bool,
        body: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S: Service<Request>> {
        /// The client has to wait. In a box, so that other requests do not carry its size.
        Delayed { held: Option<Box<Held<S>>> },
        Called { #[pin] response: S::Future },
    }
}

/// A request that the application does not know of yet.
struct Held<S> {
    delay: Pin<Box<Sleep>>,
    service: Rc<S>,
    request: Request,
}

impl<S> Held<S> {
    fn new(pace: Pace, service: Rc<S>, request: Request) -> Self {
        let (Pace::Pass(delay) | Pace::TurnAway(delay)) = pace;
        if matches!(pace, Pace::TurnAway(_)) {
            request.extensions_mut().insert(TurnedAway);
        }
        Self { delay: Box::pin(sleep(delay)), service, request }
    }
}

impl<S: Service<Request>> State<S> {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<S::Response, S::Error>> {
        if let StateProjection::Delayed { held } = self.as_mut().project() {
            if let Some(held) = held {
                ready!(held.delay.as_mut().poll(cx));
            }
            let Some(held) = held.take() else { return Poll::Pending };
            let Held { service, request, .. } = *held;
            self.set(Self::Called { response: service.call(request) });
        }
        match self.project() {
            StateProjection::Called { response } => response.poll(cx),
            StateProjection::Delayed { .. } => Poll::Pending,
        }
    }
}

impl<S, B> Future for Responding<S, B>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody,
{
    type Output = Result<Response<WatchedBody<B>>, Response<BoxBody>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.state.poll(cx));
        let exchange = this.exchange.take();
        Poll::Ready(match outcome {
            Ok(response) => {
                let mut response = response.into();
                let is_broken = exchange.as_ref().is_some_and(|exchange| exchange.body_failure().is_some());
                if (this.connections.want_no_more() || is_broken) && !response.upgrade() {
                    response.head_mut().set_connection_type(ConnectionType::Close);
                }
                if let Some(exchange) = &exchange {
                    exchange.pace().answered(response.status(), response.headers());
                    let names_request = || response.headers().contains_key(X_REQUEST_ID);
                    exchange.response(response.body().size(), names_request);
                }
                Ok(response.map_body(|_, body| WatchedBody::new(body, exchange)))
            }
            Err(error) => Err(unrendered(error.into(), exchange.as_deref(), *this.head_request)),
        })
    }
}

/// An error that came through every layer of the application unrendered. It goes on without a body, so that
/// the stream knows it for what it is, and gives it one.
fn unrendered(
    error: Response<BoxBody>,
    exchange: Option<&Exchange>,
    head_request: bool,
) -> Response<BoxBody> {
    let mut bare = Response::new(error.status());
    bare.head_mut().set_connection_type(ConnectionType::Close);
    if let Some(exchange) = exchange {
        exchange.application_failed(head_request);
    }
    bare
}
