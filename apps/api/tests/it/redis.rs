//! The server with Redis, without it, and when it is lost.

use palisade_testkit::{TestApp, servers::Redis};
use serde_json::json;

use crate::support::until;

async fn readiness_becomes(app: &TestApp, redis: &str) {
    let answer =
        until(|| app.get("/api/v1/health/ready"), |answer| answer.json()["checks"]["redis"] == redis);
    let answer = answer.await.expect(200);
    assert_eq!(answer.json(), json!({"status": redis, "checks": {"db": "ok", "redis": redis}}));
}

#[tokio::test]
async fn a_lost_redis_degrades_readiness_and_nothing_else() {
    let mut server = Redis::start().unwrap();
    let app = TestApp::builder().set("redis.url", server.url()).spawn().await;
    readiness_becomes(&app, "ok").await;
    server.kill().unwrap();
    readiness_becomes(&app, "degraded").await;
    app.register("ann").await;
    server.restart().unwrap();
    readiness_becomes(&app, "ok").await;
}

#[tokio::test]
async fn a_server_starts_without_its_redis_and_finds_it_later() {
    let mut server = Redis::start().unwrap();
    server.kill().unwrap();
    let app = TestApp::builder().set("redis.url", server.url()).spawn().await;
    readiness_becomes(&app, "degraded").await;
    server.restart().unwrap();
    readiness_becomes(&app, "ok").await;
}

#[tokio::test]
async fn a_wrong_url_is_a_configuration_error_without_the_password() {
    let url = "redis://:hunter2@cache:port";
    let problem = TestApp::builder().set("redis.url", url).try_spawn().await.unwrap_err();
    assert!(problem.contains("redis.url") && !problem.contains("hunter2"), "{problem}");
}
