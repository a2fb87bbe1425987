//! Servers that accept connections before their applications are built.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpResponse, web};
use futures_util::future::join_all;
use palisade_listener::{
    Bound, Deferred, Ending, Hooks, Options, Server, Signals, StartError, serve_while_starting,
};
use palisade_testkit::{Client, wait};
use tokio::sync::{Semaphore, oneshot};

use crate::world::{listener, named, options, server};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// A server with two workers that answers "starting" until its greeting is provided; also returns its address.
fn deferred(options: Options) -> (Server, Deferred<&'static str>, std::net::SocketAddr) {
    let greeting = Deferred::new();
    let starting = || {
        let answer =
            async || HttpResponse::ServiceUnavailable().insert_header(("x-request-id", "a")).body("starting");
        App::new().default_service(web::to(answer))
    };
    let started = |greeting: &&'static str| {
        let greeting = *greeting;
        App::new().default_service(web::to(move || async move { named().body(greeting) }))
    };
    let listener = listener();
    let address = listener.local_addr();
    let server = server(options).listen(listener, 2, greeting.application(starting, started)).unwrap();
    (server, greeting, address)
}

/// Sends a request and returns status and body of the response.
async fn get(client: &mut Client) -> (u16, String) {
    client.send(GET).await;
    let response = client.response().await;
    (response.status, response.body)
}

#[tokio::test]
async fn connections_from_the_start_are_answered_by_the_started_application() {
    let (server, greeting, address) =
        deferred(Options { head_timeout: Duration::from_secs(60), ..options() });
    let running = server.start().await.unwrap();
    let mut used = join_all((0..8).map(|_| Client::connect(address))).await;
    let mut silent = join_all((0..8).map(|_| Client::connect(address))).await;
    let mut halfway = join_all((0..8).map(|_| Client::connect(address))).await;
    for client in used.iter_mut().chain(&mut halfway) {
        assert_eq!(get(client).await, (503, "starting".to_owned()));
    }
    for client in &mut halfway {
        // A whole request, and the beginning of the next one.
        client.send(format!("{GET}GET / HT")).await;
        assert_eq!(client.response().await.status, 503);
    }
    greeting.provide("hello").await.unwrap();
    for client in &mut halfway {
        client.send("TP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(client.response().await.body, "hello");
    }
    for client in used.iter_mut().chain(&mut silent) {
        assert_eq!(get(client).await, (200, "hello".to_owned()));
    }
    assert!(running.stop().await);
}

#[tokio::test]
async fn no_request_is_lost_during_the_switch() {
    let (server, greeting, address) = deferred(options());
    let running = server.start().await.unwrap();
    let (asked_for, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let clients = (0..8).map(|number| {
        let (asked_for, enough) = (asked_for.clone(), enough.clone());
        tokio::spawn(async move {
            let mut kept = Client::connect(address).await;
            loop {
                // On an old and on a new connection. A lost request panics here.
                let mut new = Client::connect(address).await;
                let answers = [get(&mut kept).await.0, get(&mut new).await.0];
                assert!(answers.iter().all(|status| [200, 503].contains(status)), "{number}: {answers:?}");
                if asked_for.fetch_add(1, Ordering::Relaxed) == 100 {
                    enough.add_permits(1);
                }
                if answers == [200, 200] {
                    return;
                }
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    let _permit = enough.acquire().await.unwrap();
    greeting.provide("hello").await.unwrap();
    assert_eq!(get(&mut Client::connect(address).await).await.0, 200, "every worker has started");
    for client in clients {
        client.await.unwrap();
    }
    assert!(running.stop().await);
}

#[tokio::test]
async fn a_worker_that_cannot_build_its_application_fails_the_start() {
    for fails in [(|| App::new().data_factory(async || Err::<(), ()>(()))) as fn() -> App<_>, || {
        std::panic::panic_any("no application")
    }] {
        let deferred = Deferred::<()>::new();
        let factory = deferred.application(App::new, move |()| fails());
        let running = server(options()).listen(listener(), 2, factory).unwrap().start().await.unwrap();
        assert!(deferred.provide(()).await.is_err());
        running.stop_at_once().await;
    }
}

/// Sends a message when it is dropped.
struct Guard(Option<oneshot::Sender<()>>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.take().unwrap().send(());
    }
}

#[tokio::test]
async fn a_stop_during_the_start_drops_the_start_and_closes_the_listeners() {
    let (server, _greeting, address) =
        deferred(Options { drain_delay: Duration::from_secs(600), ..options() });
    let (handle, signals) = Signals::from_handle();
    let (dropped, was_dropped) = oneshot::channel();
    let guard = Guard(Some(dropped));
    let start = async move {
        let _guard = guard;
        std::future::pending::<Result<Hooks, StartError>>().await
    };
    let life = tokio::spawn(serve_while_starting(server, signals, start));
    let mut client = Client::connect(address).await;
    assert_eq!(get(&mut client).await, (503, "starting".to_owned()));
    handle.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Abandoned));
    was_dropped.await.unwrap();
    client.assert_closed().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_start_that_fails_closes_the_listeners() {
    let (server, _greeting, address) = deferred(options());
    let (_handle, signals) = Signals::from_handle();
    let failed = async { Err::<Hooks, _>(StartError(std::io::Error::other("no database"))) };
    let error = serve_while_starting(server, signals, failed).await.unwrap_err();
    assert_eq!(error.0.to_string(), "no database");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn reloads_during_the_start_run_once_after_it() {
    let (server, greeting, _) = deferred(options());
    let (handle, signals) = Signals::from_handle();
    let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (let_start, may_start) = oneshot::channel();
    let (told, ready) = oneshot::channel();
    let (count, turn) = (begun.clone(), gate.clone());
    let start = async move {
        let () = may_start.await.unwrap();
        greeting.provide("hello").await.unwrap();
        Ok::<_, StartError>(Hooks::default().on_ready(|_: &[Bound]| told.send(()).unwrap()).on_reload(
            move || {
                let (count, turn) = (count.clone(), turn.clone());
                async move {
                    count.fetch_add(1, Ordering::SeqCst);
                    turn.acquire().await.unwrap().forget();
                }
            },
        ))
    };
    let life = tokio::spawn(serve_while_starting(server, signals, start));
    (0..20).for_each(|_| handle.reload());
    tokio::task::yield_now().await;
    assert_eq!(begun.load(Ordering::SeqCst), 0, "the start is not done");
    let_start.send(()).unwrap();
    ready.await.unwrap();
    until(|| begun.load(Ordering::SeqCst) == 1).await;
    (0..20).for_each(|_| handle.reload());
    tokio::task::yield_now().await;
    gate.add_permits(1);
    until(|| begun.load(Ordering::SeqCst) == 2).await;
    gate.add_permits(10);
    until(|| gate.available_permits() == 9).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
    handle.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_reload() {
    let (server, greeting, _) = deferred(options());
    let (handle, signals) = Signals::from_handle();
    let (begun, told) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (tell, steps) = (begun.clone(), told.clone());
    let start = async move {
        greeting.provide("hello").await.unwrap();
        steps.add_permits(1);
        Ok::<_, StartError>(Hooks::default().on_reload(move || {
            tell.add_permits(1);
            std::future::pending()
        }))
    };
    let life = tokio::spawn(serve_while_starting(server, signals, start));
    let _started = told.acquire().await.unwrap();
    handle.reload();
    let _reloading = begun.acquire().await.unwrap();
    handle.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
}

/// Waits until `holds`.
async fn until(holds: impl Fn() -> bool) {
    wait::until("the condition holds", async || holds()).await;
}
