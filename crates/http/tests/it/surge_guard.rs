//! One client among others.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web::test::TestRequest;
use palisade_http::surge_guard::{Clients, SurgeGuard};

use crate::held::{Held, exempt, get};

async fn app(most: u32) -> (Held, Clients) {
    let clients = Clients::new();
    let guard = SurgeGuard::new(clients.clone(), NonZeroU32::new(most).unwrap(), exempt());
    (Held::behind(guard).await, clients)
}

fn from(address: &str, path: &str) -> TestRequest {
    get(path).peer_addr(SocketAddr::new(address.parse().unwrap(), 40_000))
}

#[actix_web::test]
async fn one_client_has_so_many_in_flight_and_others_are_served() {
    let (app, clients) = app(2).await;
    let flights = [(); 2].map(|()| app.hold(from("203.0.113.9", "/held")));
    let refused = app.ask(from("203.0.113.9", "/free")).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.json()["error"]["details"]["reason"], "surge.too_many_in_flight");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(app.ask(from("203.0.113.10", "/free")).await.status, 200);
    assert_eq!(clients.refused(), 1);
    app.let_go(1);
    let [first, _second] = flights;
    assert_eq!(first.await.unwrap().status(), 200);
    assert_eq!(app.ask(from("203.0.113.9", "/free")).await.status, 200);
}

#[actix_web::test]
async fn a_request_that_is_dropped_counts_no_more() {
    let (app, _) = app(1).await;
    drop(app.hold(from("203.0.113.9", "/held")));
    assert_eq!(app.ask(from("203.0.113.9", "/free")).await.status, 200);
}

#[actix_web::test]
async fn health_is_answered_whatever_the_client_has_in_flight() {
    let (app, _) = app(1).await;
    let _flight = app.hold(from("203.0.113.9", "/held"));
    assert_eq!(app.ask(from("203.0.113.9", "/health")).await.status, 200);
    assert_eq!(app.ask(from("203.0.113.9", "/health/")).await.status, 429);
}

#[test]
fn a_network_of_64_bits_is_one_client_and_so_are_both_spellings_of_ipv4() {
    let (clients, one) = (Clients::new(), NonZeroU32::MIN);
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    for (first, same, other) in [
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::1"),
        ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.10"),
    ] {
        let _held = clients.enter(address(first), one).unwrap();
        assert!(clients.enter(address(same), one).is_none(), "{same}");
        assert!(clients.enter(address(other), one).is_some(), "{other}");
    }
}

#[test]
fn the_bound_is_never_exceeded_whatever_the_threads_do() {
    const MOST: u32 = 3;
    let (clients, in_flight) = (Clients::new(), AtomicU32::new(0));
    let admitted = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    let entered =
                        clients.enter("203.0.113.9".parse().unwrap(), NonZeroU32::new(MOST).unwrap());
                    if entered.is_some() {
                        assert!(in_flight.fetch_add(1, Ordering::SeqCst) < MOST);
                        admitted.fetch_add(1, Ordering::SeqCst);
                        in_flight.fetch_sub(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert!(admitted.into_inner() > 0);
    let all =
        std::iter::from_fn(|| clients.enter("203.0.113.9".parse().unwrap(), NonZeroU32::new(MOST).unwrap()));
    assert_eq!(all.collect::<Vec<_>>().len(), MOST as usize, "nothing stays counted");
}

#[test]
fn ten_thousand_clients_do_not_hinder_one_another() {
    let (clients, most) = (Clients::new(), NonZeroU32::new(64).unwrap());
    let held: Vec<_> = (0..10_000_u32).map(|number| clients.enter(IpAddr::V4(number.into()), most)).collect();
    assert!(held.iter().all(Option::is_some));
}
