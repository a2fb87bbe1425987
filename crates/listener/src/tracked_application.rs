//! Connects an application with the state of the connection that calls it.

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
    connection_state::{ConnectionState, Framing},
    connections::ListenerConnections,
    pacing::Pace,
    request_body,
    response_body::TrackedBody,
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An application that records its requests and responses in the state of their connection.
pub(crate) struct TrackedApplication<S, B> {
    inner: Rc<S>,
    connections: ListenerConnections,
    body: PhantomData<fn() -> B>,
}

impl<S, B> TrackedApplication<S, B> {
    pub(crate) fn new(inner: S, connections: ListenerConnections) -> Self {
        Self { inner: Rc::new(inner), connections, body: PhantomData }
    }
}

impl<S, B> ServiceFactory<Request> for TrackedApplication<S, B>
where
    S: ServiceFactory<Request, Config = ()>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<TrackedBody<B>>;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = TrackedApplication<S::Service, B>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (service, connections) = (self.inner.new_service(()), self.connections.clone());
        Box::pin(async move { Ok(TrackedApplication::new(service.await?, connections)) })
    }
}

impl<S, B> Service<Request> for TrackedApplication<S, B>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody,
{
    type Response = Response<TrackedBody<B>>;
    type Error = Response<BoxBody>;
    type Future = TrackedResponse<S, B>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&self, mut request: Request) -> Self::Future {
        let connection = request.conn_data::<Rc<ConnectionState>>().cloned();
        if let Some(connection) = &connection {
            connection.request(Framing::of(&mut request));
            request_body::track(&mut request, connection);
            if request.head().expect() {
                connection.expects_continue();
            }
        }
        TrackedResponse {
            head_request: request.method() == Method::HEAD,
            state: match connection.as_ref().and_then(|connection| connection.pace().next()) {
                None => State::Called { response: self.inner.call(request) },
                Some(pace) => {
                    let delayed = DelayedRequest::new(pace, Rc::clone(&self.inner), request);
                    State::Delayed { request: Some(Box::new(delayed)) }
                }
            },
            connection,
            connections: self.connections.clone(),
            body: PhantomData,
        }
    }
}

pin_project! {
    /// Response future of a [`TrackedApplication`].
    pub(crate) struct TrackedResponse<S: Service<Request>, B> {
        #[pin]
        state: State<S>,
        connection: Option<Rc<ConnectionState>>,
        connections: ListenerConnections,
        head_request: bool,
        body: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S: Service<Request>> {
        /// The request is delayed. Boxed, so that other requests do not carry its size.
        Delayed { request: Option<Box<DelayedRequest<S>>> },
        Called { #[pin] response: S::Future },
    }
}

/// A request that is delayed before the application is called.
struct DelayedRequest<S> {
    delay: Pin<Box<Sleep>>,
    service: Rc<S>,
    request: Request,
}

impl<S> DelayedRequest<S> {
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
        if let StateProjection::Delayed { request } = self.as_mut().project() {
            if let Some(delayed) = request {
                ready!(delayed.delay.as_mut().poll(cx));
            }
            let Some(delayed) = request.take() else { return Poll::Pending };
            let DelayedRequest { service, request, .. } = *delayed;
            self.set(Self::Called { response: service.call(request) });
        }
        match self.project() {
            StateProjection::Called { response } => response.poll(cx),
            StateProjection::Delayed { .. } => Poll::Pending,
        }
    }
}

impl<S, B> Future for TrackedResponse<S, B>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody,
{
    type Output = Result<Response<TrackedBody<B>>, Response<BoxBody>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.state.poll(cx));
        let connection = this.connection.take();
        Poll::Ready(match outcome {
            Ok(response) => {
                let mut response = response.into();
                let body_failed =
                    connection.as_ref().is_some_and(|connection| connection.body_failure().is_some());
                if (this.connections.should_close() || body_failed) && !response.upgrade() {
                    response.head_mut().set_connection_type(ConnectionType::Close);
                }
                if let Some(connection) = &connection {
                    connection.pace().record_response(response.status(), response.headers());
                    let names_request = || response.headers().contains_key(X_REQUEST_ID);
                    connection.response(response.body().size(), names_request);
                }
                Ok(response.map_body(|_, body| TrackedBody::new(body, connection)))
            }
            Err(error) => Err(unrendered(error.into(), connection.as_deref(), *this.head_request)),
        })
    }
}

/// Passes on an error that no layer of the application rendered, without its body. The stream then recognises it as an
/// error response of actix-http and adds the standard body.
fn unrendered(
    error: Response<BoxBody>,
    connection: Option<&ConnectionState>,
    head_request: bool,
) -> Response<BoxBody> {
    let mut response = Response::new(error.status());
    response.head_mut().set_connection_type(ConnectionType::Close);
    if let Some(connection) = connection {
        connection.application_failed(head_request);
    }
    response
}
