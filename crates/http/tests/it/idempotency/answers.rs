//! Which answers are given again, and what of them.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::json;

use super::{World, assert_replay, keyed, post};

#[actix_web::test]
async fn an_answer_is_given_again_for_as_long_as_it_is_kept() {
    let world = World::new();
    let first = world.send(post("/echo", "k", "hello")).await;
    world.clock.advance(Duration::from_secs(3_599));
    assert_replay(&world.send(post("/echo", "k", "hello")).await, &first);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.send(post("/echo", "k", "another body")).await.json()["call"], 2);
}

#[actix_web::test]
async fn an_answer_without_a_body_is_one() {
    let world = World::new();
    let first = world.send(keyed(Method::DELETE, "/nothing", "k")).await;
    assert_eq!((first.status, first.body.len()), (204, 0));
    assert_replay(&world.send(keyed(Method::DELETE, "/nothing", "k")).await, &first);
    assert_eq!(world.calls(), 1);
}

#[actix_web::test]
async fn headers_of_what_was_done_are_kept_and_those_of_one_exchange_are_not() {
    let world = World::new();
    let first = world.send(post("/described", "k", "")).await;
    assert_eq!(first.header("set-cookie"), Some("session=secret"));
    let again = world.send(post("/described", "k", "")).await;
    assert_replay(&again, &first);
    assert_eq!(again.header("etag"), Some("\"1\""));
    let links: Vec<_> = again.headers.get_all("link").collect();
    assert_eq!(links, ["</a>", "</b>"]);
    for name in ["set-cookie", "ratelimit", "x-ratelimit-remaining", "access-control-allow-origin"] {
        assert_eq!(again.header(name), None, "{name}");
    }
    assert_ne!(again.header("x-request-id"), Some("of-the-handler"));
}

#[actix_web::test]
async fn what_may_lie_in_no_store_lies_in_none() {
    let world = World::new();
    for call in 1..=3 {
        let answer = world.send(post("/tokens", "k", "hello")).await;
        assert_eq!((answer.json(), answer.header("idempotency-replayed")), (json!({"token": call}), None));
    }
}

#[actix_web::test]
async fn a_streamed_or_too_large_answer_is_passed_through_and_not_kept() {
    let world = World::new();
    for call in 1..=2 {
        assert_eq!(world.send(post("/streamed", "k", "")).await.body, call.to_string());
    }
    for call in 3..=4 {
        let answer = world.send(post("/large/10001", "k", "")).await;
        assert_eq!((answer.body.len(), answer.body[0]), (10_001, b'0' + call));
    }
    let first = world.send(post("/large/9000", "l", "")).await;
    assert_replay(&world.send(post("/large/9000", "l", "")).await, &first);
}

#[actix_web::test]
async fn a_lasting_refusal_is_given_again_in_the_form_that_is_asked_for() {
    for (slug, status) in [("not-found", 404), ("conflict", 409), ("gone", 410)] {
        let world = World::new();
        let target = format!("/fails/{slug}");
        let first = world.send(post(&target, "k", "")).await;
        assert_eq!((first.status, &first.json()["error"]["message"]), (status, &json!("Call 1")));
        let again = world.send(post(&target, "k", "")).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let (mut first, mut again) = (first.json(), again.json());
        assert_ne!(first["error"]["request_id"], again["error"]["request_id"]);
        first["error"]["request_id"].take();
        again["error"]["request_id"].take();
        assert_eq!(first, again);
        let problem = post(&target, "k", "").insert_header(("accept", "application/problem+json"));
        let problem = world.send(problem).await;
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert_eq!(
            (&problem.json()["detail"], &problem.json()["status"]),
            (&json!("Call 1"), &json!(status))
        );
        assert_eq!(world.calls(), 1);
    }
}

#[actix_web::test]
async fn after_any_other_failure_the_request_is_carried_out_anew() {
    for slug in [
        "bad-request",
        "unauthorized",
        "forbidden",
        "precondition-failed",
        "payload-too-large",
        "unsupported-media-type",
        "validation-error",
        "rate-limited",
        "internal-error",
        "upstream-error",
        "service-unavailable",
        "timeout",
    ] {
        let world = World::new();
        for call in 1..=2 {
            let answer = world.send(post(&format!("/fails/{slug}"), "k", "hello")).await;
            assert_eq!((world.calls(), answer.header("idempotency-replayed")), (call, None), "{slug}");
        }
        // And its mended form too, as after a validation error.
        world.send(post(&format!("/fails/{slug}"), "k", "mended")).await;
        assert_eq!(world.calls(), 3, "{slug}");
    }
    let world = World::new();
    for status in [304, 400, 404, 409, 500] {
        for _ in 0..2 {
            let answer = world.send(post(&format!("/status/{status}"), "k", "")).await;
            assert_eq!((answer.status, answer.header("idempotency-replayed")), (status, None));
        }
    }
    assert_eq!(world.calls(), 10, "a bare status says too little to be kept");
}
