//! A call takes no longer and brings no more than it may.

use std::time::Duration;

use palisade_resilience::client::{Error, Method, Request};
use palisade_testkit::{
    servers::{Mode, Proxy},
    wait,
};

use super::{
    get, options,
    origin::{Origin, answer},
    upstream,
};

const LIMIT: usize = 1_000;

/// What a body of these bytes on the wire comes to, under a limit of a thousand.
async fn body(wire: String) -> Result<usize, Error> {
    let origin = Origin::start(move |_| wire.clone()).await;
    let mut options = options();
    options.limits.body = LIMIT;
    upstream(options).send(get(origin.port())).await.map(|response| response.body().len())
}

fn chunked(body: &str) -> String {
    let size = body.len();
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n")
}

#[tokio::test]
async fn a_body_may_be_as_long_as_its_limit_and_no_longer() {
    let (fits, too_long) = ("x".repeat(LIMIT), "x".repeat(LIMIT + 1));
    let until_the_end = |body: &str| format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for wire in [answer(200, "", &fits), chunked(&fits), until_the_end(&fits)] {
        assert_eq!(body(wire).await.unwrap(), LIMIT);
    }
    for wire in [answer(200, "", &too_long), chunked(&too_long), until_the_end(&too_long)] {
        let error = body(wire).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: LIMIT }), "{error:?}");
    }
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_before_the_body_comes() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_owned();
    assert!(matches!(body(announced).await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn what_is_compressed_stays_so() {
    // Ten bytes that would be a million: nothing here makes them so.
    let wire = answer(200, "content-encoding: gzip\r\n", "0123456789");
    assert_eq!(body(wire).await.unwrap(), 10);
}

#[tokio::test]
async fn the_length_that_an_answer_to_head_tells_is_no_body() {
    let origin = Origin::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_owned()).await;
    let address = format!("http://upstream.test:{}/", origin.port());
    let response = upstream(options()).send(Request::new(Method::HEAD, &address).unwrap()).await.unwrap();
    assert!(response.body().is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this".to_owned();
    assert!(matches!(body(cut).await, Err(Error::Unreachable { .. })));
    assert!(matches!(body("SSH-2.0-OpenSSH_9.2\r\n".to_owned()).await, Err(Error::Unreachable { .. })));
}

/// What comes of a call through a network in this mode, when an attempt may take so long.
async fn through(mode: Mode, attempt: Duration) -> Error {
    let origin = Origin::start(|_| answer(200, "", &"x".repeat(100))).await;
    let proxy = Proxy::start(origin.port()).unwrap();
    proxy.set(mode).unwrap();
    let mut options = options();
    options.limits.attempt = attempt;
    upstream(options).send(get(proxy.port())).await.unwrap_err()
}

#[tokio::test]
async fn a_body_that_drips_is_cut_by_the_time_limit() {
    // Sixty bytes are the head and the beginning of the body; the next come after a minute.
    for mode in [Mode::Drip { bytes: 60, every: Duration::from_secs(60) }, Mode::BlackHole] {
        let error = wait::end_of("the call", Box::pin(through(mode, Duration::from_millis(200)))).await;
        assert!(matches!(error, Error::TimedOut), "{mode:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_call_takes_no_longer_than_all_its_attempts_may() {
    let origin = Origin::start(|_| answer(503, "retry-after: 1\r\n", "")).await;
    let mut options = options();
    options.retry.max_attempts = 100;
    options.limits.total = Duration::from_millis(1_500);
    let answer = wait::end_of("the call", Box::pin(upstream(options).send(get(origin.port())))).await;
    assert!(matches!(&answer, Ok(_) | Err(Error::TimedOut)), "{answer:?}");
    assert!(origin.heard().len() <= 2, "the third attempt would begin after two seconds");
}

#[tokio::test]
async fn a_network_that_refuses_resets_or_cuts_is_told_as_such() {
    for mode in [Mode::Refuse, Mode::Reset, Mode::Cut { after: 60 }, Mode::Cut { after: 0 }] {
        let error = through(mode, Duration::from_secs(20)).await;
        assert!(matches!(error, Error::Unreachable { .. }), "{mode:?}: {error:?}");
    }
}
