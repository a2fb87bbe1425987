//! A database that gives few connections, takes no writes, or stands behind a pooler.

use std::sync::Arc;

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_database::{Database, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    PASSWORD, TestApp, TestAppBuilder,
    servers::{MariaDb, PgBouncer, Postgres},
};
use serde_json::json;

use crate::support::until;

/// As the superuser of the test's own server, on one connection.
async fn admin(url: &str) -> Database {
    let settings = Settings { pool_size: 1, max_overflow: 0, ..Settings::for_url(url) };
    Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap()
}

/// A server that waits for connections as long as it takes on a busy machine.
fn patient(url: &str) -> TestAppBuilder {
    let builder = TestApp::builder().database_url(url).set("database.acquire_timeout_ms", 60_000);
    builder.set("database.statement_timeout_ms", 60_000).set("server.request_timeout_seconds", 60)
}

async fn run(database: &Database, statements: &[&str]) {
    for statement in statements {
        database.execute_script(statement).await.unwrap();
    }
}

/// A private PostgreSQL, its superuser, and the address for a user of its own.
async fn postgres(user: &str) -> (Postgres, Database, String) {
    let server = Postgres::start().unwrap();
    let admin = admin(&server.url()).await;
    run(&admin, &[&format!("CREATE ROLE app {user}"), "CREATE DATABASE app OWNER app"]).await;
    let url = server.url().replace("postgres@", "app@").replace("/postgres", "/app");
    (server, admin, url)
}

/// The same of a MariaDB.
async fn mariadb(user: &str) -> (MariaDb, Database, String) {
    let server = MariaDb::start().unwrap();
    let admin = admin(&server.url()).await;
    let create = format!("CREATE USER app@'%' {user}");
    run(&admin, &[&create, "CREATE DATABASE app", "GRANT ALL ON app.* TO app@'%'"]).await;
    let url = server.url().replace("root@", "app@").replace("/mysql", "/app");
    (server, admin, url)
}

/// A hundred requests at once on three connections: each is served, none is refused.
async fn serves_everybody(url: &str) {
    let app = patient(url).spawn().await;
    let ann = app.register("ann").await;
    let calls = (0..100).map(|_| async { app.get("/api/v1/users/me").token(&ann.access_token).await.status });
    assert_eq!(join_all(calls).await, [200; 100]);
    app.get("/api/v1/health/ready").await.expect(200);
    let management = app.management().unwrap();
    let breakers = app.get(&format!("http://{management}/breakers")).await.expect(200).json();
    let database = breakers.as_array().unwrap().iter().find(|breaker| breaker["name"] == "database").unwrap();
    assert_eq!((&database["opened"], &database["rejections"]), (&json!(0), &json!(0)), "{database}");
}

#[tokio::test]
async fn every_request_is_served_by_the_few_connections_that_postgres_gives() {
    let (_server, _admin, url) = postgres("LOGIN CONNECTION LIMIT 3").await;
    serves_everybody(&url).await;
}

#[tokio::test]
async fn every_request_is_served_by_the_few_connections_that_mariadb_gives() {
    let (_server, _admin, url) = mariadb("WITH MAX_USER_CONNECTIONS 3").await;
    serves_everybody(&url).await;
}

/// Writes are 503 and readiness says so, from when `begin` makes the server read-only until `end` undoes that.
async fn survives_a_read_only_time(admin: &Database, url: &str, begin: &[&str], end: &[&str]) {
    let app = patient(url).spawn().await;
    app.register("ann").await;
    run(admin, begin).await;
    let sign_up = |name: &str| {
        let body = json!({"email": format!("{name}@example.com"), "username": name, "name": name, "password": PASSWORD});
        app.post("/api/v1/auth/register").json(&body)
    };
    let ready = || app.get("/api/v1/health/ready");
    let refused = until(ready, |answer| answer.status == 503).await;
    assert_eq!(refused.json(), json!({"status": "fail", "checks": {"db": "fail"}}));
    for _ in 0..5 {
        let answer = sign_up("bob").await.expect(503);
        assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
    }
    run(admin, end).await;
    until(ready, |answer| answer.status == 200).await;
    until(|| sign_up("bob"), |answer| answer.status == 201).await;
}

#[tokio::test]
async fn writes_on_a_read_only_postgres_are_503_and_heal() {
    let (_server, admin, url) = postgres("LOGIN").await;
    let begin = ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"];
    let mine = "SET default_transaction_read_only = off";
    let end = [mine, "ALTER SYSTEM SET default_transaction_read_only = off", "SELECT pg_reload_conf()"];
    survives_a_read_only_time(&admin, &url, &begin, &end).await;
}

#[tokio::test]
async fn writes_on_a_read_only_mariadb_are_503_and_heal() {
    let (_server, admin, url) = mariadb("").await;
    let (begin, end) = (["SET GLOBAL read_only = 1"], ["SET GLOBAL read_only = 0"]);
    survives_a_read_only_time(&admin, &url, &begin, &end).await;
}

#[tokio::test]
async fn an_sqlite_file_that_is_gone_makes_the_server_not_ready_until_it_is_back() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let (place, aside) = (app.folder().join("test.db"), app.folder().join("aside.db"));
    std::fs::rename(&place, &aside).unwrap();
    let ready = || app.get("/api/v1/health/ready");
    until(ready, |answer| answer.status == 503).await;
    let body = json!({"username": "ann", "password": ann.password});
    app.post("/api/v1/auth/login").json(&body).await.expect(503);
    std::fs::rename(&aside, &place).unwrap();
    until(ready, |answer| answer.status == 200).await;
    until(|| app.post("/api/v1/auth/login").json(&body), |answer| answer.status == 200).await;
}

#[tokio::test]
async fn twenty_people_sign_up_and_in_at_once_through_a_pooler_of_three_sessions() {
    let server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, 3, "").unwrap();
    let url = pooler.url("postgres");
    let start = || patient(&url).set("database.statement_cache_size", 0).spawn();
    // Both apply the migrations of the empty database.
    let (one, other) = tokio::join!(start(), start());
    let people = (0..20).map(|number| {
        let app = if number % 2 == 0 { &one } else { &other };
        async move {
            let user = app.register(&format!("user{number}")).await;
            let me = app.get("/api/v1/users/me").token(&user.access_token).await.expect(200).json();
            assert_eq!(me["username"], format!("user{number}"));
            app.post("/api/v1/auth/logout").token(&user.access_token).await.expect(204);
        }
    });
    join_all(people).await;
    one.get("/api/v1/health/ready").await.expect(200);
}
