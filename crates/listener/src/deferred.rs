//! Applications that need something which is still being made when the server begins to accept.
//!
//! A server that accepts only once its database has answered leaves every probe hanging meanwhile. Here each worker has
//! an application from the start, which answers that the program is starting. The worker makes the real one as soon as
//! [`Deferred::provide`] has given it what it needs, and exchanges the two between two requests: no connection is
//! refused, closed or handed over.

mod application;
mod pending;

use std::{fmt, marker::PhantomData, rc::Rc};

use actix_http::{Request, Response, body::MessageBody};
use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::dev::AppConfig;
use tokio::sync::watch;

pub use application::DeferredApplication;
use pending::Pending;

/// A value that applications are made of, provided while the server already accepts connections.
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

/// A worker could not make its application of the value.
#[derive(Debug, thiserror::Error)]
#[error("an application cannot be made: {0}")]
pub struct ApplicationError(String);

impl<P: Clone + Send + Sync + 'static> Deferred<P> {
    /// Without a value.
    #[must_use]
    pub fn new() -> Self {
        Self { value: watch::Sender::new(None), pending: Pending::default() }
    }

    /// What [`Server::listen`](crate::Server::listen) takes: in each worker an application of `starting`, which answers
    /// until the value is provided, and then one that `started` makes of the value.
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

    /// Gives the value to every application, and waits until all workers answer by the application they made of it.
    ///
    /// # Errors
    /// When a worker cannot make its application.
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
