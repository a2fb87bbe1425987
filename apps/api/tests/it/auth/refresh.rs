//! Renewing tokens.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestDatabase};
use serde_json::json;

use crate::support::{app_on, on_each_database};

on_each_database! {
    twenty_parallel_uses_of_one_token_give_one_child;
    two_processes_give_one_token_the_same_child;
}

async fn twenty_parallel_uses_of_one_token_give_one_child(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let body = json!({"refresh_token": ann.refresh_token});
    let calls = (0..20).map(|_| app.post("/api/v1/auth/refresh").json(&body).into_future());
    let mut children = BTreeSet::new();
    for answer in join_all(calls).await {
        let pair = answer.expect(200).json();
        app.get("/api/v1/users/me").token(pair["access_token"].as_str().unwrap()).await.expect(200);
        children.insert(pair["refresh_token"].as_str().unwrap().to_owned());
    }
    assert_eq!(children.len(), 1, "{} children", children.len());
    let child = json!({"refresh_token": children.first()});
    app.post("/api/v1/auth/refresh").json(&child).await.expect(200);
}

async fn two_processes_give_one_token_the_same_child(database: TestDatabase) {
    let secret = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";
    let start = || TestApp::builder().database(&database).set("auth.jwt_secret", secret).spawn();
    let (one, two) = (start().await, start().await);
    let ann = one.register("ann").await;
    let mut token = ann.refresh_token;
    for _ in 0..5 {
        let body = json!({"refresh_token": token});
        let calls = (0..10).map(|n| {
            let app = if n % 2 == 0 { &one } else { &two };
            app.post("/api/v1/auth/refresh").json(&body).into_future()
        });
        let mut children = BTreeSet::new();
        for answer in join_all(calls).await {
            children.insert(answer.expect(200).json()["refresh_token"].as_str().unwrap().to_owned());
        }
        assert_eq!(children.len(), 1, "{} children", children.len());
        token = children.pop_first().unwrap();
    }
}

#[tokio::test]
async fn a_lost_answer_can_be_fetched_again() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let body = json!({"refresh_token": ann.refresh_token});
    let first = app.post("/api/v1/auth/refresh").json(&body).await.expect(200).json();
    let second = app.post("/api/v1/auth/refresh").json(&body).await.expect(200).json();
    assert_eq!(first["refresh_token"], second["refresh_token"]);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_a_401_that_says_no_more() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let unknown = format!("prt_{}", "A".repeat(43));
    let tokens = ["", "x", "prt_", &unknown, &ann.access_token, &"a".repeat(10_000), "prt_é", " "];
    let mut told = BTreeSet::new();
    for token in tokens {
        let call = app.post("/api/v1/auth/refresh").json(&json!({"refresh_token": token}));
        let answer = call.header("x-request-id", "same").await.expect(401);
        assert_eq!(answer.reason(), "auth.invalid_refresh_token");
        told.insert(answer.text());
    }
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    app.get("/api/v1/users/me").token(&ann.refresh_token).await.expect(401);
}
