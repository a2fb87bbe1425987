//! Panics that no layer catches.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use actix_http::{Request, Response, body::BoxBody};
use actix_web::{
    App,
    dev::{AppConfig, Service, ServiceFactory},
    web,
};
use palisade_core::Environment;
use palisade_http::metrics::RequestMetrics;
use palisade_listener::{ClientLimit, Running, Server};
use palisade_telemetry::{
    Format, Logs, Settings,
    metrics::{Reading, Registry, Telemetry},
};

use palisade_testkit::{Client, LogLines};

use crate::world::{listener, options, routes, server};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// A server that counts panics into a registry.
fn counting() -> (Server, Arc<Registry>) {
    let registry = Arc::new(Registry::default());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    let metrics = RequestMetrics::new(&telemetry, options().head_timeout);
    (server(options()).on_panic(metrics.panic_counter()), registry)
}

fn counted(registry: &Registry) -> f64 {
    let families = registry.read();
    let family = families.into_iter().find(|family| family.declaration.name == "exceptions_unhandled_total");
    let panics =
        family.unwrap().series.into_iter().find(|series| series.labels[0].as_ref() == "panic").unwrap();
    match panics.value {
        Reading::Counter(count) => count,
        other => panic!("{other:?}"),
    }
}

async fn assert_served(server: &Running) {
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send(GET).await;
    assert_eq!(client.response().await.body, "hello");
}

#[tokio::test]
async fn a_panic_in_a_connection_ends_only_it_and_is_counted_and_logged() {
    // The workers have threads of their own, so the log is the whole process's.
    let settings = Settings { format: Some(Format::Json), ..Settings::default() };
    let log = LogLines::default();
    let (logs, handle) = Logs::to_writer(&settings, Environment::Test, false, log.clone()).unwrap();
    tracing::subscriber::set_global_default(logs).unwrap();
    let (server, registry) = counting();
    let routes = |config: &mut web::ServiceConfig| {
        routes(config);
        config.route("/panics", web::get().to(async || -> String { panic!("no layer catches this") }));
    };
    let factory = move || App::new().configure(routes);
    let server = server.listen(listener(), 1, factory).unwrap().start().await.unwrap();
    let mut neighbour = Client::connect(server.bound()[0].address).await;
    neighbour.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send(format!("{GET}GET /panics HTTP/1.1\r\nhost: a\r\n\r\n")).await;
    assert_eq!(client.response().await.body, "hello");
    client.assert_closed().await;
    assert_eq!(counted(&registry), 1.0);
    assert!(handle.flush(options().shutdown_timeout));
    let lines = log.lines();
    let line = lines.iter().find(|line| LogLines::field(line, "message") == "server.panicked").unwrap();
    for (name, value) in [
        ("listener", "test"),
        ("address", &server.bound()[0].address.to_string()),
        ("client_ip", "127.0.0.1"),
        ("place", "request"),
        ("cause", "no layer catches this"),
    ] {
        assert_eq!(LogLines::field(line, name), value, "{line}");
    }
    assert_eq!(neighbour.response().await.body, "done");
    assert_served(&server).await;
}

#[tokio::test]
async fn a_panic_before_the_first_byte_ends_only_that_connection_and_is_counted() {
    let (server, registry) = counting();
    let first = AtomicBool::new(true);
    let limit = ClientLimit::new(9).except(move |_| {
        assert!(!first.swap(false, Ordering::Relaxed), "the first connection is refused with a panic");
        true
    });
    let factory = || App::new().configure(routes);
    let listener = listener().limit_clients(limit);
    let server = server.listen(listener, 1, factory).unwrap().start().await.unwrap();
    Client::connect(server.bound()[0].address).await.assert_closed().await;
    // Unwinding closes the connection before the panic is counted.
    while counted(&registry) < 1.0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_served(&server).await;
}

/// An application whose first `poll_ready` panics.
#[derive(Clone)]
struct Unready(Arc<AtomicBool>);

impl ServiceFactory<Request> for Unready {
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Config = AppConfig;
    type Service = Self;
    type InitError = ();
    type Future = Ready<Result<Self, ()>>;

    fn new_service(&self, _: AppConfig) -> Self::Future {
        ready(Ok(self.clone()))
    }
}

impl Service<Request> for Unready {
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        assert!(!self.0.swap(false, Ordering::Relaxed), "the application is not ready");
        Poll::Ready(Ok(()))
    }

    fn call(&self, _: Request) -> Self::Future {
        ready(Ok(Response::ok().set_body(BoxBody::new("hello"))))
    }
}

#[tokio::test]
async fn a_panic_in_a_worker_is_counted_and_the_worker_continues() {
    let (server, registry) = counting();
    let panics = Arc::new(AtomicBool::new(true));
    let application = Unready(Arc::clone(&panics));
    let factory = move || application.clone();
    let server = server.listen(listener(), 1, factory).unwrap().start().await.unwrap();
    assert_served(&server).await;
    assert!(!panics.load(Ordering::Relaxed));
    assert_eq!(counted(&registry), 1.0);
}
