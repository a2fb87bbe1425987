//! Graceful shutdown.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::App;
use palisade_listener::{Bound, Ending, Hooks, Options, SignalHandle, Signals, StartError, serve};
use palisade_testkit::{Client, wait};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::world::{listener, options, routes, server, start};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// Longer than any test runs.
const ENDLESS: Duration = Duration::from_secs(3_600);

/// With these options a stop that waits for its time limit never ends.
fn endless() -> Options {
    Options { shutdown_timeout: ENDLESS, ..options() }
}

type Steps = Arc<Mutex<Vec<&'static str>>>;

/// A running server that records its lifecycle steps.
async fn live(options: Options) -> (Bound, SignalHandle, Steps, JoinHandle<Result<Ending, StartError>>) {
    let (steps, (told, bound)) = (Steps::default(), oneshot::channel());
    let note = |step: &'static str| {
        let steps = steps.clone();
        move || steps.lock().unwrap().push(step)
    };
    let (started, drained, first, second) = (note("ready"), note("drain"), note("pool"), note("flush"));
    let hooks = Hooks::default()
        .on_ready(move |bound| {
            started();
            told.send(*bound.first().unwrap()).unwrap();
        })
        .on_drain(drained)
        .on_stop("pool", Duration::from_secs(1), async move { first() })
        .on_stop("stuck", Duration::from_millis(10), std::future::pending())
        .on_stop("flush", Duration::from_secs(1), async move { second() });
    let (stop, signals) = Signals::from_handle();
    let server = server(options).listen(listener(), 1, || App::new().configure(routes)).unwrap();
    let life = tokio::spawn(serve(server, signals, hooks));
    (bound.await.unwrap(), stop, steps, life)
}

#[tokio::test]
async fn stop_steps_run_in_order_and_a_stuck_one_is_cancelled() {
    let (_, stop, steps, life) = live(options()).await;
    assert_eq!(*steps.lock().unwrap(), ["ready"]);
    stop.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
    assert_eq!(*steps.lock().unwrap(), ["ready", "drain", "pool", "flush"]);
}

#[tokio::test]
async fn an_open_request_is_finished() {
    let (bound, stop, steps, life) = live(options()).await;
    let mut client = Client::connect(bound.address).await;
    client.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.stop();
    let response = client.response().await;
    assert_eq!((response.body.as_str(), response.header("connection")), ("done", Some("close")));
    assert!(!steps.lock().unwrap().contains(&"pool"), "the pool was closed under a request");
    client.assert_closed().await;
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_idle_connections() {
    let running = start(Options { head_timeout: ENDLESS, keep_alive: ENDLESS, ..endless() }).await;
    let mut client = Client::connect(running.bound()[0].address).await;
    client.send(GET).await;
    assert_eq!(client.response().await.status, 200);
    let silent = Client::connect(running.bound()[0].address).await;
    wait::until("both connections are open", async || running.open_connections() == 2).await;
    assert!(wait::end_of("a stop that waits for nothing", running.stop()).await);
    client.assert_closed().await;
    drop(silent);
}

#[tokio::test]
async fn a_stop_waits_for_the_open_request_only() {
    let factory = || {
        let short = async || {
            tokio::time::sleep(Duration::from_millis(100)).await;
            crate::world::named().body("short")
        };
        App::new().route("/", actix_web::web::get().to(short))
    };
    let running = server(endless()).listen(listener(), 1, factory).unwrap().start().await.unwrap();
    let mut client = Client::connect(running.bound()[0].address).await;
    client.send(GET).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(wait::end_of("a stop that waits for one request", running.stop()).await);
    assert_eq!(client.response().await.body, "short");
}

#[tokio::test]
async fn a_draining_server_serves_and_closes_each_connection() {
    let (bound, stop, steps, life) = live(Options { drain_delay: Duration::from_secs(1), ..options() }).await;
    let mut old = Client::connect(bound.address).await;
    old.send(GET).await;
    assert_eq!(old.response().await.header("connection"), None);
    stop.stop();
    while !steps.lock().unwrap().contains(&"drain") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut new = Client::connect(bound.address).await;
    for client in [&mut old, &mut new] {
        client.send(GET).await;
        let response = client.response().await;
        assert_eq!((response.status, response.header("connection")), (200, Some("close")));
        client.assert_closed().await;
    }
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
}

#[tokio::test]
async fn requests_over_the_shutdown_timeout_are_cut_off() {
    let options = Options { shutdown_timeout: Duration::from_millis(1), ..options() };
    let factory = || {
        let stuck = async || -> actix_web::HttpResponse { std::future::pending().await };
        App::new().route("/", actix_web::web::get().to(stuck))
    };
    let running = server(options).listen(listener(), 1, factory).unwrap().start().await.unwrap();
    let mut client = Client::connect(running.bound()[0].address).await;
    client.send(GET).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!running.stop().await);
    client.assert_closed().await;
}

#[tokio::test]
async fn a_second_stop_ends_the_server_at_once() {
    let (_, stop, steps, life) = live(Options { drain_delay: Duration::from_secs(600), ..options() }).await;
    stop.stop();
    while !steps.lock().unwrap().contains(&"drain") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!life.is_finished());
    stop.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Forced));
    assert_eq!(*steps.lock().unwrap(), ["ready", "drain"]);
}
