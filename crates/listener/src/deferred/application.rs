//! The two applications of one worker, and which of them answers.

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

/// Makes the two applications of one worker: one of `S`, which answers while the program is starting, and one of `T`.
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
    type Service = Exchanged<S::Service, B, T::Service, C>;
    type InitError = S::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let starting = self.starting.new_service(config.clone());
        let (started, ticket) = (Rc::new(OnceCell::new()), self.pending.register());
        let making = Making {
            started: Rc::clone(&self.started),
            value: self.value.clone(),
            config,
            place: Rc::clone(&started),
            ticket,
        };
        Box::pin(async move {
            let starting = starting.await?;
            // A worker that replaces one that has died must not answer that the program is starting.
            let is_there = making.value.borrow().is_some();
            let making = if is_there {
                making.run().await;
                None
            } else {
                Some(AbortOnDrop(spawn_local(making.run())))
            };
            Ok(Exchanged { starting, started, _making: making, bodies: PhantomData })
        })
    }
}

/// An application that is made once the value is there.
struct Making<P, T: ServiceFactory<Request>> {
    started: Rc<dyn Fn(&P) -> T>,
    value: watch::Receiver<Option<P>>,
    config: AppConfig,
    place: Rc<OnceCell<T::Service>>,
    ticket: Ticket,
}

impl<P, T> Making<P, T>
where
    P: Clone,
    T: ServiceFactory<Request, Config = AppConfig>,
    T::InitError: fmt::Debug,
{
    async fn run(mut self) {
        let value = match self.value.wait_for(Option::is_some).await {
            Ok(value) => value.clone(),
            Err(_) => return self.ticket.failed("nobody is left to provide what it needs".to_owned()),
        };
        let Some(value) = value else { return };
        match (self.started)(&value).new_service(self.config).await {
            Ok(service) => {
                // Set once, by this task alone.
                let _ = self.place.set(service);
                self.ticket.made();
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

/// Answers by the first application until the second is made.
pub struct Exchanged<S, B, T, C> {
    starting: S,
    started: Rc<OnceCell<T>>,
    _making: Option<AbortOnDrop>,
    bodies: PhantomData<fn() -> (B, C)>,
}

impl<S, B, T, C> Service<Request> for Exchanged<S, B, T, C>
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
    type Future = Answering<S::Future, B, T::Future, C>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self.started.get() {
            Some(started) => started.poll_ready(cx).map_err(Into::into),
            None => self.starting.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&self, request: Request) -> Self::Future {
        match self.started.get() {
            Some(started) => Answering::Started { answer: started.call(request), body: PhantomData },
            None => Answering::Starting { answer: self.starting.call(request), body: PhantomData },
        }
    }
}

pin_project! {
    /// The answer of one of the two.
    #[project = Answer]
    pub enum Answering<F, B, G, C> {
        /// Of the one that answers while the program is starting.
        Starting { #[pin] answer: F, body: PhantomData<fn() -> B> },
        /// Of the real one.
        Started { #[pin] answer: G, body: PhantomData<fn() -> C> },
    }
}

impl<F, R, E, B, G, Q, D, C> Future for Answering<F, B, G, C>
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
            Answer::Started { answer, .. } => match ready!(answer.poll(cx)) {
                Ok(response) => Ok(response.into().map_body(|_, body| EitherBody::left(body))),
                Err(error) => Err(error.into()),
            },
            Answer::Starting { answer, .. } => match ready!(answer.poll(cx)) {
                Ok(response) => Ok(response.into().map_body(|_, body| EitherBody::right(body))),
                Err(error) => Err(error.into()),
            },
        })
    }
}
