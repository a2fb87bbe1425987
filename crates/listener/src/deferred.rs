//! Applications whose dependencies are not ready when the server starts to accept connections.
//!
//! A server that accepts only once its database has answered lets health probes hang until then. Here each worker has
//! two applications. The first runs from the start and answers that the program is starting. The worker builds the
//! second as soon as [`Deferred::provide`] gives it its dependencies, and switches to it between two requests. No
//! connection is refused, closed or moved.

mod application;
mod pending;

use std::{fmt, marker::PhantomData, rc::Rc};

use actix_http::{Request, Response, body::MessageBody};
use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::dev::AppConfig;
use tokio::sync::watch;

pub use application::DeferredApplication;
use pending::Pending;

/// A dependency of applications that is provided after the server has started to accept connections.
///
/// ```
/// use actix_web::{App, HttpResponse, web};
/// use palisade_listener::{Deferred, Listener, Server};
///
/// # fn listen(server: Server, listener: Listener) -> std::io::Result<Server> {
/// let greeting = Deferred::<String>::new();
/// let starting = || App::new().default_service(web::to(HttpResponse::ServiceUnavailable));
/// let started = |greeting: &String| {
///     let greeting = greeting.clone();
///     App::new().route("/", web::get().to(move || std::future::ready(greeting.clone())))
/// };
/// // Later, while the server accepts: `greeting.provide("hello".to_owned()).await`.
/// server.listen(listener, 2, greeting.application(starting, started))
/// # }
/// ```
pub struct Deferred<P> {
    value: watch::Sender<Option<P>>,
    pending: Pending,
}

/// A worker failed to build its application from the value.
#[derive(Debug, thiserror::Error)]
#[error("an application cannot be made: {0}")]
pub struct ApplicationError(String);

impl<P: Clone + Send + Sync + 'static> Deferred<P> {
    /// Creates it without a value.
    #[must_use]
    pub fn new() -> Self {
        Self { value: watch::Sender::new(None), pending: Pending::default() }
    }

    /// Returns an application factory for [`Server::listen`](crate::Server::listen). Each worker serves the application
    /// of `starting` until the value is provided, and then the one that `started` builds from the value.
    pub fn application<F, I, S, B, G, J, T, C>(
        &self,
        starting: F,
        started: G,
    ) -> impl Fn() -> DeferredApplication<P, S, B, T, C> + Send + Clone + use<F, I, S, B, G, J, T, C, P>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig>,
        S::Response: Into<Response<B>>,
        B: MessageBody,
        G: Fn(&P) -> J + Send + Clone + 'static,
        J: IntoServiceFactory<T, Request>,
        T: ServiceFactory<Request, Config = AppConfig> + 'static,
        T::Response: Into<Response<C>>,
        C: MessageBody,
    {
        let (value, pending) = (self.value.subscribe(), self.pending.clone());
        move || {
            let started = started.clone();
            DeferredApplication {
                starting: starting().into_factory(),
                started: Rc::new(move |value| started(value).into_factory()),
                value: value.clone(),
                pending: pending.clone(),
                bodies: PhantomData,
            }
        }
    }

    /// Provides the value, and waits until all workers have switched to the application built from it.
    ///
    /// # Errors
    /// When a worker cannot build its application.
    pub async fn provide(&self, value: P) -> Result<(), ApplicationError> {
        self.value.send_replace(Some(value));
        self.pending.none_left().await.map_err(ApplicationError)
    }
}

impl<P: Clone + Send + Sync + 'static> Default for Deferred<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> fmt::Debug for Deferred<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").finish_non_exhaustive()
    }
}
