//! The database is lost, stuck, and back.

use std::{
    future::IntoFuture as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_database::{Database, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    TestApp, TestResponse, TestUser,
    servers::{MariaDb, Postgres, Server},
    wait,
};
use serde_json::json;

use crate::{
    errors::{Form, problems_of},
    support::until,
};

/// The acquire timeout of these servers.
const ACQUIRE: Duration = Duration::from_millis(1_000);

async fn start(url: &str) -> (TestApp, TestUser) {
    let timeout = u64::try_from(ACQUIRE.as_millis()).unwrap();
    let builder = TestApp::builder().database_url(url).set("database.acquire_timeout_ms", timeout);
    let app = builder.set("database.statement_timeout_ms", timeout).spawn().await;
    let ann = app.register("ann").await;
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    (app, ann)
}

/// The server goes on without its database: alive, not ready, and 503 to whoever needs it.
async fn lives_without_its_database(app: &TestApp, ann: &TestUser) {
    let ready = until(|| app.get("/api/v1/health/ready"), |answer| answer.status == 503).await;
    assert_eq!(ready.json(), json!({"status": "fail", "checks": {"db": "fail"}}));
    let body = json!({"username": "ann", "password": ann.password});
    let calls = || {
        [
            app.post("/api/v1/auth/login").json(&body),
            app.post("/api/v1/auth/refresh").json(&json!({"refresh_token": ann.refresh_token})),
            app.get("/api/v1/users/me").token(&ann.access_token),
        ]
    };
    for call in calls().into_iter().chain(calls()) {
        let answer: TestResponse = wait::end_of("a call without a database", call.into_future()).await;
        assert_eq!((answer.status, &*answer.code()), (503, "service_unavailable"), "{}", answer.request);
        assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
        assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
    }
    for path in ["/health", "/api/v1/health/live"] {
        app.get(path).await.expect(200);
    }
    let summary = app.get("/api/v1/health").await.expect(200).json();
    assert_eq!((&summary["status"], &summary["database"]), (&json!("degraded"), &json!("disconnected")));
}

async fn recovers(app: &TestApp, ann: &TestUser) {
    let me = || app.get("/api/v1/users/me").token(&ann.access_token);
    until(me, |answer| answer.status == 200).await;
    until(|| app.get("/api/v1/health/ready"), |answer| answer.status == 200).await;
    app.login("ann", &ann.password).await;
    app.register("bob").await;
}

async fn survives_a_freeze(server: &Server, url: &str) {
    let (app, ann) = start(url).await;
    server.freeze().unwrap();
    lives_without_its_database(&app, &ann).await;
    server.thaw().unwrap();
    recovers(&app, &ann).await;
}

async fn survives_a_kill(server: &mut Server, url: &str, flush: &str) {
    let (app, ann) = start(url).await;
    // The tests' servers do not write through: a kill would take with it what was committed last.
    let database =
        Database::connect(&Settings::for_url(url), Arc::new(SystemClock), &Off::shared()).await.unwrap();
    database.execute_script(flush).await.unwrap();
    database.close().await;
    server.kill().unwrap();
    lives_without_its_database(&app, &ann).await;
    server.restart().unwrap();
    recovers(&app, &ann).await;
}

#[tokio::test]
async fn a_frozen_postgres_is_a_503_and_recovers_by_itself() {
    let server = Postgres::start().unwrap();
    let url = server.url();
    survives_a_freeze(&server, &url).await;
}

#[tokio::test]
async fn a_killed_postgres_is_a_503_and_recovers_by_itself() {
    let mut server = Postgres::start().unwrap();
    let url = server.url();
    survives_a_kill(&mut server, &url, "CHECKPOINT").await;
}

#[tokio::test]
async fn a_frozen_mariadb_is_a_503_and_recovers_by_itself() {
    let server = MariaDb::start().unwrap();
    let url = server.url();
    survives_a_freeze(&server, &url).await;
}

#[tokio::test]
async fn a_killed_mariadb_is_a_503_and_recovers_by_itself() {
    let mut server = MariaDb::start().unwrap();
    let url = server.url();
    survives_a_kill(&mut server, &url, "SET GLOBAL innodb_flush_log_at_trx_commit = 1; FLUSH ENGINE LOGS")
        .await;
}

/// Connections of the pool: so few that a slot lost in each round would be all of them after three.
const POOL: u64 = 3;

/// A client that asks for liveness until one of the others has its answer; how often it was answered before that.
async fn liveness(app: &TestApp, ended: &AtomicUsize) -> usize {
    let mut answered = 0;
    loop {
        app.get("/api/v1/health/live").await.expect(200);
        if ended.load(Ordering::Relaxed) > 0 {
            return answered;
        }
        answered += 1;
    }
}

/// Twenty requests at once that need the database; their statuses. Each counts itself in `ended`.
async fn twenty(app: &TestApp, ann: &TestUser, ended: &AtomicUsize) -> Vec<u16> {
    let asked = (0..20).map(|_| async {
        let answer = app.get("/api/v1/users/me").token(&ann.access_token).await;
        ended.fetch_add(1, Ordering::Relaxed);
        if answer.status == 503 {
            assert!(!answer.header("retry-after").is_empty());
        }
        answer.status
    });
    wait::end_of("twenty requests", join_all(asked)).await
}

async fn hangs_five_times(server: &Server, url: &str) {
    let timeout = u64::try_from(ACQUIRE.as_millis()).unwrap();
    let app = TestApp::builder()
        .database_url(url)
        .set("database.acquire_timeout_ms", timeout)
        .set("database.statement_timeout_ms", timeout)
        .set("database.pool_size", POOL - 1)
        .set("database.max_overflow", 1)
        .spawn()
        .await;
    let ann = app.register("ann").await;
    let ready =
        |status: u16| until(|| app.get("/api/v1/health/ready"), move |answer| answer.status == status);
    for round in 1..=5 {
        server.freeze().unwrap();
        let ended = AtomicUsize::new(0);
        let (alive, statuses) = tokio::join!(liveness(&app, &ended), twenty(&app, &ann, &ended));
        assert_eq!(statuses, [503; 20], "round {round}");
        assert!(alive > 0, "round {round}: liveness is answered while all twenty wait for the database");
        ready(503).await;
        // From now on the breaker is open: nobody waits but the one in half a second who tries.
        assert_eq!(twenty(&app, &ann, &ended).await, [503; 20], "round {round}");
        server.thaw().unwrap();
        ready(200).await;
        until(|| app.get("/api/v1/users/me").token(&ann.access_token), |answer| answer.status == 200).await;
        assert_eq!(
            twenty(&app, &ann, &ended).await,
            [200; 20],
            "round {round}: every slot of the pool is there"
        );
    }
}

#[tokio::test]
async fn a_postgres_that_hangs_five_times_in_a_row_costs_no_slot_of_the_pool() {
    let server = Postgres::start().unwrap();
    let url = server.url();
    hangs_five_times(&server, &url).await;
}

#[tokio::test]
async fn a_mariadb_that_hangs_five_times_in_a_row_costs_no_slot_of_the_pool() {
    let server = MariaDb::start().unwrap();
    let url = server.url();
    hangs_five_times(&server, &url).await;
}
