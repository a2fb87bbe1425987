//! Applications on the real listener, for what only a connection shows.

use std::{sync::Arc, time::Duration};

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
};
use palisade_core::{Ids, SystemClock, SystemRandom};
use palisade_listener::{Listener, Options, Running, Server};

/// A server with one listener and the application that `factory` makes.
pub(crate) async fn serve_app<F, T, B>(factory: F) -> Running
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let clock = Arc::new(SystemClock);
    let options = Options {
        head_timeout: Duration::from_millis(300),
        drain_delay: Duration::ZERO,
        shutdown_timeout: Duration::from_secs(5),
        ..Options::default()
    };
    let server = Server::new(options, clock.clone(), Ids::new(clock, Arc::new(SystemRandom)));
    let listener = Listener::bind("test", "127.0.0.1", 0).unwrap();
    server.listen(listener, 1, factory).unwrap().start().await.unwrap()
}
