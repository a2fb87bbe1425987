//! Which requests are the same, which are in each other's way, which are refused.

use actix_web::{
    http::Method,
    test::{TestRequest, init_service, try_call_service},
};
use futures_util::future::join_all;

use super::{World, app, assert_replay, keyed, post};

#[actix_web::test]
async fn the_same_request_again_gets_the_first_answer() {
    let world = World::new();
    let first = world.send(post("/echo", "k", "hello")).await;
    assert_eq!((first.status, first.json()["body"].as_str()), (201, Some("hello")));
    for _ in 0..3 {
        let again = world.send(post("/echo", "k", "hello")).await;
        assert_replay(&again, &first);
        for name in ["content-type", "location"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(world.calls(), 1);
}

#[actix_web::test]
async fn a_key_is_one_key_bare_and_quoted() {
    let world = World::new();
    let first = world.send(post("/echo", "a-key", "hello")).await;
    assert_replay(&world.send(post("/echo", "\"a-key\"", "hello")).await, &first);
}

#[actix_web::test]
async fn every_method_that_changes_something_is_covered_and_no_other() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let world = World::new();
        let first = world.send(keyed(method.clone(), "/echo", "k")).await;
        assert_replay(&world.send(keyed(method, "/echo", "k")).await, &first);
    }
    for method in [Method::GET, Method::OPTIONS] {
        let world = World::new();
        for key in ["k", "k", "not a key"] {
            assert_eq!(world.send(keyed(method.clone(), "/echo", key)).await.status, 201);
        }
        assert_eq!(world.calls(), 3);
    }
}

#[actix_web::test]
async fn without_a_key_every_request_is_carried_out() {
    let world = World::new();
    for _ in 0..3 {
        let request = TestRequest::post().uri("/echo").set_payload("hello");
        assert_eq!(world.send(request).await.status, 201);
    }
    assert_eq!(world.calls(), 3);
}

#[actix_web::test]
async fn another_request_with_the_key_is_refused() {
    let world = World::new();
    let first = world.send(post("/echo", "k", "hello")).await;
    for other in [
        post("/echo", "k", "hello!"),
        post("/echo", "k", ""),
        post("/echo?a=1", "k", "hello"),
        post("/echo", "k", "hello").insert_header(("content-type", "text/html")),
        post("/echo", "k", "hello").insert_header(("if-match", "\"1\"")),
    ] {
        let answer = world.send(other).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "validation_error"));
        assert_eq!(answer.json()["error"]["details"]["reason"], "idempotency.key_reused");
    }
    assert_replay(&world.send(post("/echo", "k", "hello")).await, &first);
    // Elsewhere, or by another method, it is another key.
    assert_eq!(world.send(post("/other", "k", "hello!")).await.status, 201);
    assert_eq!(world.send(keyed(Method::PUT, "/echo", "k")).await.status, 201);
}

#[actix_web::test]
async fn the_path_is_what_the_router_sees() {
    let world = World::new();
    let first = world.send(post("/echo", "k", "hello")).await;
    assert_replay(&world.send(post("/%65cho", "k", "hello")).await, &first);
}

#[actix_web::test]
async fn what_is_no_key_is_refused() {
    let world = World::new();
    let long = "k".repeat(256);
    for key in ["", " ", "a b", "\"a", "\"a\";v=1", "\"\"", long.as_str()] {
        let answer = world.send(post("/echo", key, "hello")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{key}");
        assert_eq!(answer.json()["error"]["details"]["reason"], "idempotency.key_invalid");
    }
    let twice = post("/echo", "a", "hello").append_header(("idempotency-key", "a"));
    assert_eq!(world.send(twice).await.status, 400);
    let not_ascii = post("/echo", "a", "hello").insert_header(("idempotency-key", &b"\xe9"[..]));
    assert_eq!(world.send(not_ascii).await.status, 400);
    assert_eq!(world.calls(), 0);
}

#[actix_web::test]
async fn of_fifty_at_once_one_is_carried_out() {
    let world = World::new();
    let app = init_service(app(&world)).await;
    let calls = (0..50).map(|_| try_call_service(&app, post("/slowly", "k", "hello").to_request()));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let count = |status: u16| answers.iter().filter(|answer| answer.status().as_u16() == status).count();
    assert_eq!((world.calls(), count(200), count(409)), (1, 1, 49));
    let refused = answers.iter().find(|answer| answer.status().as_u16() == 409).unwrap();
    assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
    assert_eq!(world.send(post("/slowly", "k", "hello")).await.status, 200);
    assert_eq!(world.calls(), 1);
}

#[actix_web::test]
async fn a_body_arrives_whole_or_is_refused_as_without_a_key() {
    let world = World::new();
    let body = "x".repeat(5_000);
    let answer = world.send(keyed(Method::POST, "/echo", "k").set_payload(body.clone())).await;
    assert_eq!(answer.json()["body"].as_str(), Some(body.as_str()));
    let answer = world.send(keyed(Method::POST, "/echo", "l").set_payload(body + "x")).await;
    assert_eq!((answer.status, world.calls()), (413, 1));
}
