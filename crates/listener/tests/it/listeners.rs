//! Binding listeners.

use actix_web::{App, web};
use palisade_listener::Listener;

use palisade_testkit::Client;

use crate::world::{listener, options, routes, server, start};

#[tokio::test]
async fn an_application_knows_both_ends_of_the_connection() {
    let server = start(options()).await;
    let address = server.bound()[0].address;
    let mut client = Client::connect(address).await;
    client.send("GET /peer HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(client.response().await.body, format!("127.0.0.1 {address}"));
}

#[tokio::test]
async fn each_listener_has_its_own_application() {
    let second = || App::new().route("/", web::get().to(async || crate::world::named().body("second")));
    let server = server(options())
        .listen(listener(), 2, || App::new().configure(routes))
        .unwrap()
        .listen(Listener::bind("management", "127.0.0.1", 0).unwrap(), 1, second)
        .unwrap();
    let running = server.start().await.unwrap();
    let names: Vec<_> = running.bound().iter().map(|bound| bound.listener).collect();
    assert_eq!(names, ["test", "management"]);
    for (bound, body) in running.bound().iter().zip(["hello", "second"]) {
        let mut client = Client::connect(bound.address).await;
        client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(client.response().await.body, body);
    }
    assert!(running.stop().await);
}

#[tokio::test]
async fn the_error_for_a_port_in_use_names_it() {
    let taken = listener();
    let port = taken.local_addr().port();
    let error = Listener::bind("api", "127.0.0.1", port).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot listen on 127.0.0.1:{port}: another program listens there already")
    );
}

#[test]
fn the_error_for_an_unusable_address_names_it() {
    let error = Listener::bind("api", "192.0.2.1", 8000).unwrap_err();
    assert_eq!(error.to_string(), "cannot listen on 192.0.2.1:8000: this machine does not have that address");
    let error = Listener::bind("api", "no such host", 8000).unwrap_err();
    assert!(error.to_string().starts_with("cannot listen on no such host:8000: "), "{error}");
}

#[test]
fn a_name_is_bound_at_one_port() {
    let listener = Listener::bind("api", "localhost", 0).unwrap();
    assert!(listener.local_addr().ip().is_loopback());
    assert_ne!(listener.local_addr().port(), 0);
}

#[tokio::test]
async fn a_port_is_free_again_once_the_server_has_stopped() {
    let running = start(options()).await;
    let address = running.bound()[0].address;
    let mut client = Client::connect(address).await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.response().await;
    assert!(running.stop().await);
    assert_eq!(Listener::bind("api", "127.0.0.1", address.port()).unwrap().local_addr(), address);
}
