//! More requests than the server takes on.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestResponse};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    errors::{Form, problems_of},
    support::until,
};

const PROBES: [&str; 3] = ["/health", "/api/v1/health/live", "/api/v1/health/ready"];

fn assert_shed(answer: &TestResponse) {
    assert_eq!((answer.status, answer.code().as_str()), (503, "service_unavailable"), "{answer:?}");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&seconds), "{answer:?}");
    assert_eq!(problems_of(answer, Form::Envelope), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_on_succeeds_the_rest_is_told_to_come_back_and_health_is_well() {
    let app = TestApp::builder()
        .set("server.max_in_flight", 4)
        .set("server.queue_limit", 8)
        .set("server.queue_timeout_ms", 30_000)
        .spawn()
        .await;
    let ann = app.register("ann").await;
    let body = json!({"username": "ann", "password": ann.password});
    let flood = join_all((0..100).map(|_| app.post("/api/v1/auth/login").json(&body).into_future()));
    let probes = async {
        for path in PROBES.repeat(10) {
            app.get(path).await.expect(200);
        }
    };
    let (answers, ()) = futures_util::future::join(flood, probes).await;
    let (shed, taken_on): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.reason() == "load.shed");
    assert!(taken_on.len() >= 12 && !shed.is_empty(), "{} were taken on", taken_on.len());
    taken_on.iter().for_each(|answer| assert_eq!(answer.status, 200, "{answer:?}"));
    shed.into_iter().for_each(assert_shed);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
}

#[tokio::test]
async fn probes_are_answered_while_every_place_is_taken_and_nobody_leaves() {
    let app = TestApp::builder()
        .set("server.max_in_flight", 2)
        .set("server.queue_limit", 0)
        .set("server.body_timeout_seconds", 600)
        .set("server.request_timeout_seconds", 600)
        .spawn()
        .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(app.api()).await.unwrap();
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                    Expect: 100-continue\r\nContent-Length: 99\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        // The handler reads the body, so the request has a place.
        let mut told = [0; 12];
        stream.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, b"HTTP/1.1 100");
        held.push(stream);
    }
    assert_shed(&app.get("/api/v1/users/me").await);
    for path in PROBES.repeat(10) {
        app.get(path).await.expect(200);
    }
    assert_shed(&app.get("/api/v1/users/me").await);
    drop(held);
    until(|| app.get("/api/v1/users/me"), |answer| answer.status == 401).await;
}

#[tokio::test]
async fn nothing_is_refused_in_normal_use() {
    let app = TestApp::spawn().await;
    let answers = join_all((0..500).map(|_| app.get("/api/v1/users/me").into_future())).await;
    assert!(answers.iter().all(|answer| answer.status == 401));
}

#[tokio::test]
async fn the_management_listener_has_no_such_bound() {
    let app = TestApp::builder().set("server.max_in_flight", 1).set("server.queue_limit", 0).spawn().await;
    let management = app.management().unwrap();
    let body = json!({"username": "nobody", "password": "wrong-Tractor-93-lamp"});
    let flood = join_all((0..20).map(|_| app.post("/api/v1/auth/login").json(&body).into_future()));
    let probes = (0..50).map(|_| app.get(&format!("http://{management}/health")).into_future());
    let (_, probes) = futures_util::future::join(flood, join_all(probes)).await;
    assert!(probes.iter().all(|answer| answer.status == 200));
}
