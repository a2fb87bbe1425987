//! Limits on the number of connections.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::App;
use palisade_listener::{ClientLimit, Listener, Options, Running};

use palisade_testkit::Client;

use crate::world::{listener, options, routes, server, start};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

async fn start_limited(limit: ClientLimit) -> Running {
    let factory = || App::new().configure(routes);
    let listener = listener().limit_clients(limit);
    server(options()).listen(listener, 2, factory).unwrap().start().await.unwrap()
}

async fn assert_served(client: &mut Client) {
    client.send(GET).await;
    assert_eq!(client.response().await.body, "hello");
}

#[tokio::test]
async fn connections_over_the_limit_wait_in_the_accept_queue() {
    let server = start(Options { max_connections: 1, ..options() }).await;
    let address = server.bound()[0].address;
    let mut first = Client::connect(address).await;
    first.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut second = Client::connect(address).await;
    let order = AtomicUsize::new(0);
    let one = async {
        assert_eq!(first.response().await.body, "done");
        order.fetch_add(1, Ordering::SeqCst)
    };
    let other = async {
        assert_served(&mut second).await;
        order.fetch_add(1, Ordering::SeqCst)
    };
    // Polls in this order when both are ready at once.
    assert_eq!(
        tokio::join!(biased; one, other),
        (0, 1),
        "the second connection was served before the first closed"
    );
}

#[tokio::test]
async fn idle_connections_are_closed_near_the_limit() {
    let server =
        start(Options { max_connections: 2, head_timeout: Duration::from_secs(9), ..options() }).await;
    let address = server.bound()[0].address;
    let mut idle = Client::connect(address).await;
    assert_served(&mut idle).await;
    let mut busy = Client::connect(address).await;
    busy.send(GET).await;
    assert_eq!(busy.response().await.header("connection"), Some("close"));
    let _silent = Client::connect(address).await;
    idle.assert_closed().await;
}

#[tokio::test]
async fn a_client_over_its_limit_gets_503_and_others_are_served() {
    let server = start_limited(ClientLimit::new(2)).await;
    let address = server.bound()[0].address;
    let mut places = [Client::connect(address).await, Client::connect(address).await];
    for place in &mut places {
        assert_served(place).await;
    }
    let mut third = Client::connect(address).await;
    third.send(GET).await;
    let refusal = third.response().await;
    refusal.assert_refusal(503, "service_unavailable");
    assert_eq!(refusal.header("retry-after"), Some("5"));
    third.assert_closed().await;
    assert_eq!(server.refused_connections(), 1);
    assert_served(&mut Client::connect_from("127.0.0.2", address).await).await;
    for place in &mut places {
        assert_served(place).await;
    }
}

#[tokio::test]
async fn a_closed_connection_frees_its_slot() {
    let server = start_limited(ClientLimit::new(1)).await;
    let address = server.bound()[0].address;
    for _ in 0..3 {
        assert_served(&mut Client::connect(address).await).await;
        while server.open_connections() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert_eq!(server.refused_connections(), 0);
}

#[tokio::test]
async fn an_exempt_address_has_no_limit() {
    let server = start_limited(ClientLimit::new(1).except(|address| address.is_loopback())).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(Client::connect(server.bound()[0].address).await);
    }
    for client in &mut clients {
        assert_served(client).await;
    }
}

#[tokio::test]
async fn a_full_listener_does_not_affect_another() {
    let factory = || App::new().configure(routes);
    let server = server(Options { max_connections: 1, head_timeout: Duration::from_secs(60), ..options() });
    let other = Listener::bind("management", "127.0.0.1", 0).unwrap().max_connections(20);
    let server = server.listen(listener(), 2, factory).unwrap().listen(other, 1, factory).unwrap();
    let server = server.start().await.unwrap();
    let [full, other] = [0, 1].map(|listener| server.bound()[listener].address);
    let mut held = Client::connect(full).await;
    held.send(GET).await;
    assert_eq!(held.response().await.header("connection"), Some("close"));
    let _silent = [Client::connect(full).await, Client::connect(full).await];
    let mut probe = Client::connect(other).await;
    for _ in 0..2 {
        probe.send(GET).await;
        let response = probe.response().await;
        assert_eq!((response.body.as_str(), response.header("connection")), ("hello", None));
    }
}

#[tokio::test]
async fn more_workers_than_connections_do_not_exceed_the_limit() {
    let factory = || App::new().configure(routes);
    let server = server(Options { head_timeout: Duration::from_secs(60), ..options() });
    let listener = listener().max_connections(3);
    let server = server.listen(listener, 8, factory).unwrap().start().await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..6 {
        clients.push(Client::connect(server.bound()[0].address).await);
    }
    while server.open_connections() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clients[0].send(GET).await;
    assert_eq!(clients[0].response().await.body, "hello");
    assert!(server.open_connections() <= 3, "{}", server.open_connections());
}
