//! The deprecated address of sign-in.

use std::future::IntoFuture as _;

use palisade_testkit::{TestApp, TestResponse};
use serde_json::json;

fn assert_announced(answer: &TestResponse) {
    assert_eq!(answer.header("deprecation"), "@1795132800", "{answer:?}");
    assert_eq!(answer.header("link"), "</api/v1/auth/login>; rel=\"successor-version\"", "{answer:?}");
}

#[tokio::test]
async fn each_answer_of_the_old_address_names_the_new_one() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let credentials = json!({"username": "ann", "password": ann.password});
    assert_announced(&app.post("/auth/login").json(&credentials).await.expect(200));
    assert_announced(&app.post("/%61uth/login").json(&credentials).await.expect(200));
    let wrong = json!({"username": "ann", "password": "wrong-Tractor-93-lamp"});
    assert_announced(&app.post("/auth/login").json(&wrong).await.expect(401));
    assert_announced(&app.post("/auth/login").json(&json!({})).await.expect(422));
    assert_announced(&app.post("/auth/login").body("text/plain", "x").await.expect(415));
    let large = vec![b' '; 2_000_000];
    assert_announced(&app.post("/auth/login").body("application/json", large).await.expect(413));
    let new = app.post("/api/v1/auth/login").json(&credentials).await.expect(200);
    assert_eq!((new.header("deprecation"), new.header("link")), ("", ""));
}

#[tokio::test]
async fn even_a_refusal_before_anything_is_read_announces_it() {
    let app = TestApp::builder().set("server.max_in_flight", 1).set("server.queue_limit", 0).spawn().await;
    let body = json!({"username": "nobody", "password": "wrong-Tractor-93-lamp"});
    let calls = (0..20).map(|_| app.post("/auth/login").json(&body).into_future());
    let answers = futures_util::future::join_all(calls).await;
    answers.iter().for_each(assert_announced);
    assert!(answers.iter().any(|answer| answer.reason() == "load.shed"));
}

#[tokio::test]
async fn the_successor_follows_the_settings() {
    let app = TestApp::builder().set("app.api_prefix", "/v9").spawn().await;
    let answer = app.post("/auth/login").json(&json!({})).await.expect(422);
    assert_eq!(answer.header("link"), "</v9/auth/login>; rel=\"successor-version\"");
}
