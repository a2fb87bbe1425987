//! The two applications of one worker, and the switch from the first to the second.

use std::{
    cell::OnceCell,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::{
    Request, Response,
    body::{EitherBody, MessageBody},
};
use actix_service::{Service, ServiceFactory};
use actix_web::dev::AppConfig;
use pin_project_lite::pin_project;
use tokio::{
    sync::watch,
    task::{JoinHandle, spawn_local},
};

use super::pending::{Pending, Ticket};

/// Factory of a worker's two applications: `S` serves while the program is starting, `T` afterwards.
pub struct DeferredApplication<P, S, B, T, C> {
    pub(super) starting: S,
    pub(super) started: Rc<dyn Fn(&P) -> T>,
    pub(super) value: watch::Receiver<Option<P>>,
    pub(super) pending: Pending,
    pub(super) bodies: PhantomData<fn() -> (B, C)>,
}

impl<P, S, B, T, C> ServiceFactory<Request> for DeferredApplication<P, S, B, T, C>
where
    P: Clone + 'static,
    S: ServiceFactory<Request, Config = AppConfig>,
    S::Response: Into<Response<B>>,
    S::Error: Into<actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
    T: ServiceFactory<Request, Config = AppConfig> + 'static,
    T::Response: Into<Response<C>>,
    T::Error: Into<actix_web::Error>,
    T::InitError: fmt::Debug,
    C: MessageBody + 'static,
{
    type Response = Response<EitherBody<C, B>>;
    type Error = actix_web::Error;
    type Config = AppConfig;
    type Service = DeferredService<S::Service, B, T::Service, C>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let starting = self.starting.new_service(config.clone());
        let (started, ticket) = (Rc::new(OnceCell::new()), self.pending.register());
        let build = ApplicationBuild {
            started: Rc::clone(&self.started),
            value: self.value.clone(),
            config,
            target: Rc::clone(&started),
            ticket,
        };
        Box::pin(async move {
            let starting = starting.await?;
            // A worker that replaces one that died must not answer that the program is starting.
            let is_provided = build.value.borrow().is_some();
            let build = if is_provided {
                build.run().await;
                None
            } else {
                Some(AbortOnDrop(spawn_local(build.run())))
            };
            Ok(DeferredService { starting, started, _build: build, bodies: PhantomData })
        })
    }
}

/// Builds the second application once the value is provided.
struct ApplicationBuild<P, T: ServiceFactory<Request>> {
    started: Rc<dyn Fn(&P) -> T>,
    value: watch::Receiver<Option<P>>,
    config: AppConfig,
    target: Rc<OnceCell<T::Service>>,
    ticket: Ticket,
}

impl<P, T> ApplicationBuild<P, T>
where
    P: Clone,
    T: ServiceFactory<Request, Config = AppConfig>,
    T::InitError: fmt::Debug,
{
    async fn run(mut self) {
        let value = match self.value.wait_for(Option::is_some).await {
            Ok(value) => value.clone(),
            Err(_) => return self.ticket.failed("its dependencies will not be provided".to_owned()),
        };
        let Some(value) = value else { return };
        match (self.started)(&value).new_service(self.config).await {
            Ok(service) => {
                // Only this task sets it, once.
                let _ = self.target.set(service);
                self.ticket.built();
            }
            Err(error) => self.ticket.failed(format!("{error:?}")),
        }
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves the first application until the second is built.
pub struct DeferredService<S, B, T, C> {
    starting: S,
    started: Rc<OnceCell<T>>,
    _build: Option<AbortOnDrop>,
    bodies: PhantomData<fn() -> (B, C)>,
}

impl<S, B, T, C> Service<Request> for DeferredService<S, B, T, C>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<actix_web::Error>,
    B: MessageBody,
    T: Service<Request>,
    T::Response: Into<Response<C>>,
    T::Error: Into<actix_web::Error>,
    C: MessageBody,
{
    type Response = Response<EitherBody<C, B>>;
    type Error = actix_web::Error;
    type Future = DeferredResponse<S::Future, B, T::Future, C>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self.started.get() {
            Some(started) => started.poll_ready(cx).map_err(Into::into),
            None => self.starting.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&self, request: Request) -> Self::Future {
        match self.started.get() {
            Some(started) => DeferredResponse::Started { response: started.call(request), body: PhantomData },
            None => DeferredResponse::Starting { response: self.starting.call(request), body: PhantomData },
        }
    }
}

pin_project! {
    /// The response future of one of the two applications.
    #[project = DeferredResponseProjection]
    pub enum DeferredResponse<F, B, G, C> {
        /// Of the first application.
        Starting { #[pin] response: F, body: PhantomData<fn() -> B> },
        /// Of the second application.
        Started { #[pin] response: G, body: PhantomData<fn() -> C> },
    }
}

impl<F, R, E, B, G, Q, D, C> Future for DeferredResponse<F, B, G, C>
where
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
    E: Into<actix_web::Error>,
    G: Future<Output = Result<Q, D>>,
    Q: Into<Response<C>>,
    D: Into<actix_web::Error>,
{
    type Output = Result<Response<EitherBody<C, B>>, actix_web::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project() {
            DeferredResponseProjection::Started { response, .. } => match ready!(response.poll(cx)) {
                Ok(response) => Ok(response.into().map_body(|_, body| EitherBody::left(body))),
                Err(error) => Err(error.into()),
            },
            DeferredResponseProjection::Starting { response, .. } => match ready!(response.poll(cx)) {
                Ok(response) => Ok(response.into().map_body(|_, body| EitherBody::right(body))),
                Err(error) => Err(error.into()),
            },
        })
    }
}
