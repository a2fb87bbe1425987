//! A request that failed is sent again if it may be, and an upstream that keeps failing is left alone.

use std::{sync::Arc, time::Duration};

use palisade_core::{ManualClock, Timeline};
use palisade_resilience::{
    BreakerPolicy, BulkheadBounds, State, Trip,
    client::{Client, Error, Method, Request, header::HeaderValue},
};
use palisade_testkit::servers::{Mode, Proxy};

use super::{
    at, get, names, options,
    origin::{Origin, answer},
    upstream,
};

/// A server that answers so at first and then well.
async fn recovering(first: &'static str, status: u16) -> Origin {
    Origin::start(move |number| if number == 0 { answer(status, first, "") } else { answer(200, "", "well") })
        .await
}

fn of(method: Method, port: u16) -> Request {
    Request::new(method, &format!("http://upstream.test:{port}/")).unwrap()
}

/// How often a server that answers `status` hears a request, and what the caller gets.
async fn asked(method: Method, status: u16, key: Option<&'static str>) -> (usize, u16) {
    let origin = Origin::start(move |_| answer(status, "", "")).await;
    let mut request = of(method, origin.port());
    if let Some(key) = key {
        request = request.idempotency_key(HeaderValue::from_static(key));
    }
    let response = upstream(options()).send(request).await.unwrap();
    (origin.heard().len(), response.status().as_u16())
}

#[tokio::test]
async fn an_upstream_that_recovers_is_asked_again() {
    for status in [429, 502, 503, 504] {
        let origin = recovering("", status).await;
        let response = upstream(options()).send(get(origin.port())).await.unwrap();
        assert_eq!((response.status().as_u16(), origin.heard().len()), (200, 2), "{status}");
    }
}

#[tokio::test]
async fn only_what_may_be_repeated_is() {
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
        assert_eq!(asked(method.clone(), 503, None).await, (3, 503), "{method}");
    }
    for method in [Method::POST, Method::PATCH] {
        assert_eq!(asked(method.clone(), 503, None).await, (1, 503), "{method}");
        assert_eq!(asked(method.clone(), 503, Some("k-1")).await, (3, 503), "{method}");
    }
    for status in [400, 404, 409, 500, 501] {
        assert_eq!(asked(Method::GET, status, None).await, (1, status));
    }
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_not_sent_again() {
    for mode in [Mode::BlackHole, Mode::Cut { after: 0 }] {
        let origin = Origin::start(|_| answer(200, "", "")).await;
        let proxy = Proxy::start(origin.port()).unwrap();
        proxy.set_one_way(palisade_testkit::servers::Direction::Answers, mode).unwrap();
        let mut options = options();
        options.limits.attempt = Duration::from_millis(200);
        let error = upstream(options).send(of(Method::POST, proxy.port())).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut | Error::Unreachable { .. }), "{error:?}");
        assert_eq!(origin.heard().len(), 1, "{mode:?}");
    }
}

#[tokio::test]
async fn the_wait_that_an_upstream_asks_for_is_kept_or_its_answer_given() {
    let origin = recovering("retry-after: 0\r\n", 503).await;
    assert_eq!(upstream(options()).send(get(origin.port())).await.unwrap().status().as_u16(), 200);
    let origin = recovering("retry-after: 3600\r\n", 503).await;
    let response = upstream(options()).send(get(origin.port())).await.unwrap();
    assert_eq!((response.status().as_u16(), origin.heard().len()), (503, 1), "nobody waits for an hour");
}

#[tokio::test]
async fn a_lost_connection_and_a_slow_answer_are_tried_again() {
    let origin = Origin::start(|_| answer(200, "", "")).await;
    let proxy = Proxy::start(origin.port()).unwrap();
    for mode in [Mode::Refuse, Mode::Reset, Mode::Latency(Duration::from_secs(30))] {
        proxy.set(mode).unwrap();
        let mut options = options();
        options.limits.attempt = Duration::from_millis(100);
        let upstream = upstream(options);
        upstream.send(get(proxy.port())).await.unwrap_err();
        assert_eq!(upstream.snapshot().attempts, 3, "{mode:?}");
    }
}

#[tokio::test]
async fn an_upstream_that_keeps_failing_is_left_alone_and_the_caller_told_at_once() {
    let origin = Origin::start(|_| answer(500, "", "")).await;
    let mut options = options();
    options.breaker = BreakerPolicy::default().trip_at(Trip::consecutive(3));
    let upstream = upstream(options);
    for _ in 0..3 {
        assert_eq!(upstream.send(get(origin.port())).await.unwrap().status().as_u16(), 500);
    }
    assert_eq!((upstream.snapshot().state, upstream.snapshot().is_up()), (State::Open, false));
    let error = upstream.send(of(Method::POST, origin.port())).await.unwrap_err();
    let Error::Open { retry_after } = error else { panic!("{error:?}") };
    assert!(retry_after > Duration::from_secs(50), "{retry_after:?}");
    assert_eq!(origin.heard().len(), 3, "the fourth call was not made");
}

#[tokio::test]
async fn what_is_refused_says_nothing_of_an_upstream_that_is_being_tried() {
    let origin = Origin::start(|number| answer([500, 200][number], "", "")).await;
    let clock = Arc::new(ManualClock::default());
    let mut options = options();
    options.breaker = BreakerPolicy::default().trip_at(Trip::consecutive(1));
    let client = Client::builder().names(Arc::new(names())).timeline(Timeline::following(clock.clone()));
    let upstream = client.upstream("test", options).build().unwrap().upstream("test").unwrap();
    upstream.send(get(origin.port())).await.unwrap();
    clock.advance(Duration::from_secs(61));
    upstream.send(at("evil.test", origin.port())).await.unwrap_err();
    assert_eq!(upstream.snapshot().state, State::HalfOpen);
    upstream.send(get(origin.port())).await.unwrap();
    assert_eq!(upstream.snapshot().state, State::Closed);
}

#[tokio::test]
async fn a_caller_in_the_wrong_opens_no_breaker() {
    let origin = Origin::start(|_| answer(404, "", "")).await;
    let mut options = options();
    options.breaker = BreakerPolicy::default().trip_at(Trip::consecutive(1));
    let upstream = upstream(options);
    for _ in 0..3 {
        upstream.send(get(origin.port())).await.unwrap();
        upstream.send(at("evil.test", origin.port())).await.unwrap_err();
    }
    assert!(upstream.snapshot().is_up());
}

#[tokio::test]
async fn beyond_its_slots_an_upstream_takes_no_calls() {
    let origin = Origin::start(|_| answer(200, "", "")).await;
    let proxy = Proxy::start(origin.port()).unwrap();
    proxy.set(Mode::BlackHole).unwrap();
    let mut options = options();
    options.bulkhead = BulkheadBounds { concurrent: 1, waiting: 0, max_wait: Duration::ZERO };
    let upstream = upstream(options);
    let (mut first, second) = (Box::pin(upstream.send(get(proxy.port()))), upstream.send(get(proxy.port())));
    tokio::select! {
        biased;
        answer = &mut first => panic!("a black hole answered: {answer:?}"),
        refused = second => assert!(matches!(refused, Err(Error::Full)), "{refused:?}"),
    }
    assert_eq!(upstream.snapshot().in_flight, 1);
    proxy.set(Mode::Pass).unwrap();
    first.await.unwrap();
    assert_eq!(upstream.snapshot().in_flight, 0);
}
