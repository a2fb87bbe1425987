//! Server and routes of the tests.

use std::{sync::Arc, time::Duration};

use actix_web::{App, HttpRequest, HttpResponse, web};
use palisade_core::{Ids, SystemClock, SystemRandom};
use palisade_listener::{Listener, Options, Running, Server};

/// Options with short time limits.
pub(crate) fn options() -> Options {
    Options {
        head_timeout: Duration::from_millis(300),
        drain_delay: Duration::ZERO,
        shutdown_timeout: Duration::from_secs(5),
        ..Options::default()
    }
}

pub(crate) fn server(options: Options) -> Server {
    let clock = Arc::new(SystemClock);
    Server::new(options, clock.clone(), Ids::new(clock, Arc::new(SystemRandom)))
}

pub(crate) fn listener() -> Listener {
    Listener::bind("test", "127.0.0.1", 0).unwrap()
}

/// A server with one listener and the routes of [`routes`].
pub(crate) async fn start(options: Options) -> Running {
    let factory = || App::new().configure(routes);
    server(options).listen(listener(), 1, factory).unwrap().start().await.unwrap()
}

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(hello))
        .route("/", web::head().to(hello))
        .route("/echo", web::post().to(echo))
        .route("/ignore", web::post().to(hello))
        .route("/reads-in-a-task", web::post().to(reads_in_a_task))
        .route("/peer", web::get().to(peer))
        .route("/scheme", web::get().to(scheme))
        .route("/refuses", web::get().to(refuses))
        .route("/slow", web::get().to(slow))
        .route("/lookalike", web::get().to(lookalike))
        .route("/fails", web::to(fails))
        .route("/medium", web::get().to(medium))
        .route("/large", web::get().to(large));
}

pub(crate) fn named() -> actix_web::HttpResponseBuilder {
    let mut builder = HttpResponse::Ok();
    builder.insert_header(("x-request-id", "of-the-application"));
    builder
}

async fn hello() -> HttpResponse {
    named().body("hello")
}

async fn refuses() -> HttpResponse {
    HttpResponse::ServiceUnavailable().insert_header(("retry-after", "60")).body("later")
}

async fn echo(body: web::Bytes) -> HttpResponse {
    named().body(body)
}

/// Reads the body in a task of its own, which the connection's task does not poll.
async fn reads_in_a_task(body: web::Payload) -> HttpResponse {
    let (outcome, told) = tokio::sync::oneshot::channel();
    actix_rt::spawn(async move { outcome.send(body.to_bytes().await.map_err(|error| error.to_string())) });
    match told.await.unwrap() {
        Ok(bytes) => named().body(bytes),
        Err(error) => HttpResponse::RequestTimeout().insert_header(("x-request-id", "a")).body(error),
    }
}

async fn peer(request: HttpRequest) -> HttpResponse {
    named().body(format!("{} {}", request.peer_addr().unwrap().ip(), request.app_config().local_addr()))
}

async fn scheme(request: HttpRequest) -> HttpResponse {
    named().body(request.connection_info().scheme().to_owned())
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(500)).await;
    named().body("done")
}

/// A body that looks like an error response of actix-http.
pub(crate) const LOOKALIKE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Fri, 20 Nov 2026 14:00:00 GMT\r\n\r\n";

async fn lookalike() -> HttpResponse {
    named().body(LOOKALIKE)
}

/// An error response without a body or a request id.
async fn fails() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}

async fn large() -> HttpResponse {
    named().body(vec![b'x'; 4 * 1_024 * 1_024])
}

/// Size of a medium response, in bytes.
pub(crate) const MEDIUM: usize = 300 * 1_024;

async fn medium() -> HttpResponse {
    named().body(vec![b'x'; MEDIUM])
}
