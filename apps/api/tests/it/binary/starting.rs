//! The program while it is starting: what it answers, what it waits for, how it is stopped.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use nix::sys::signal::Signal;
use palisade_core::SystemClock;
use palisade_database::{
    Database, Dialect, Settings, Transaction,
    sea_query::{Expr, Query},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    TestDatabase, TestResponse,
    servers::{Mode, Postgres, Proxy},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Running, Setup};

/// The answer to `GET path` there.
async fn get(address: SocketAddr, path: &str) -> TestResponse {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    answer(&mut stream).await
}

async fn answer(stream: &mut TcpStream) -> TestResponse {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    TestResponse::from_raw(&bytes).expect("an answer")
}

/// Asserts what both listeners answer while the program is starting.
async fn assert_starting(running: &Running) {
    let starting = json!({"status": "starting", "checks": {}});
    let alive = json!({"status": "ok", "checks": {}});
    let prefixed = ["/api/v1/health/ready", "/api/v1/health/startup", "/ready"];
    let unprefixed = ["/health/ready", "/health/startup", "/ready"];
    for (address, probes) in [(running.api, prefixed), (running.management, unprefixed)] {
        for path in probes {
            let answer = get(address, path).await.expect(503);
            assert_eq!(
                (answer.json(), answer.header("cache-control")),
                (starting.clone(), "no-store"),
                "{path}"
            );
        }
        assert_eq!(get(address, "/live").await.expect(200).json(), alive);
        assert_eq!(get(address, "/health").await.expect(200).text(), r#"{"status":"ok"}"#);
    }
    assert_eq!(get(running.api, "/api/v1/health/live").await.expect(200).json(), alive);
    assert_eq!(get(running.management, "/health/live").await.expect(200).json(), alive);
    for (address, path) in [
        (running.api, "/api/v1/users/me"),
        (running.api, "/nowhere"),
        (running.api, "/openapi.json"),
        (running.management, "/metrics"),
    ] {
        let answer = get(address, path).await.expect(503);
        assert_eq!(
            (answer.header("retry-after"), answer.code().as_str()),
            ("1", "service_unavailable"),
            "{path}"
        );
        assert!(!answer.header("x-request-id").is_empty());
    }
    assert_eq!(get(running.api, "/nowhere").await.header("x-content-type-options"), "nosniff");
}

/// Holds the lock that migrations take until the transaction ends.
async fn hold_migration_lock(database: &Database) -> Transaction {
    let mut transaction = database.begin().await.unwrap();
    let lock = match database.dialect() {
        // The first statement of a transaction takes SQLite's one writer.
        Dialect::Sqlite => "1".to_owned(),
        Dialect::Postgres => format!("pg_advisory_xact_lock({})", 0x70_61_6c_69_73_61_64_65_i64),
        Dialect::MySql => "GET_LOCK(CONCAT('palisade_', MD5(DATABASE())), 60)".to_owned(),
    };
    transaction.execute(&Query::select().expr(Expr::cust(lock)).to_owned()).await.unwrap();
    transaction
}

#[tokio::test]
async fn while_migrations_wait_for_their_lock_probes_are_answered_and_a_stop_ends_the_start() {
    for database in TestDatabase::all(&[]).await {
        let setup = Setup::new().set("DATABASE_URL", database.url());
        let holder = hold_migration_lock(database.database()).await;
        for signal in [Signal::SIGTERM, Signal::SIGINT] {
            let running = setup.launch().await;
            assert_starting(&running).await;
            running.signal(signal);
            let ended = running.ended().await.expect(0);
            assert!(!ended.stdout.contains("server.ready"), "{}", ended.stdout);
            assert!(ended.stdout.contains("Abandoned"), "{}", ended.stdout);
        }
        drop(holder);
        database.database().close().await;
        // The starts that were ended hold no lock.
        let running = setup.start().await;
        get(running.api, "/ready").await.expect(200);
        running.signal(Signal::SIGTERM);
        running.ended().await.expect(0);
    }
}

#[tokio::test]
async fn a_silent_database_is_waited_for_and_connections_of_the_start_live_on() {
    let server = Postgres::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    proxy.set(Mode::BlackHole).unwrap();
    let url = server.url().replace(&server.port().to_string(), &proxy.port().to_string());
    let setup = Setup::new().set("DATABASE_URL", url).set("DATABASE_CONNECT_TIMEOUT_MS", "500");
    let mut running = setup.set("SERVER_HEADER_TIMEOUT_SECONDS", "300").launch().await;
    running.logged(|line| line["message"] == "database.waiting").await;
    assert_starting(&running).await;
    let mut kept = TcpStream::connect(running.api).await.unwrap();
    let mut silent = TcpStream::connect(running.api).await.unwrap();
    kept.write_all(b"GET /.well-known/jwks.json HTTP/1.1\r\nHo").await.unwrap();
    for signal in [Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGPIPE] {
        running.signal(signal);
    }
    running.logged(|line| line["signal"] == "SIGUSR2").await;

    proxy.set(Mode::Pass).unwrap();
    running.ready().await;
    get(running.api, "/ready").await.expect(200);
    kept.write_all(b"st: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    silent.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    for stream in [&mut kept, &mut silent] {
        answer(stream).await.expect(200);
    }
    let messages: Vec<Value> = running.log().iter().map(|line| line["message"].clone()).collect();
    let at = |message: &str| messages.iter().position(|found| found == message).expect(message);
    assert!(
        at("database.waiting") < at("database.available") && at("database.available") < at("server.ready")
    );
    assert_eq!(messages.iter().filter(|message| *message == "database.available").count(), 1);
    running.logged(|line| line["message"] == "config.reloaded").await;
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn a_database_that_takes_no_more_connections_is_waited_for() {
    let server = Postgres::start().unwrap();
    let admin = Database::connect(&Settings::for_url(server.url()), Arc::new(SystemClock), &Off::shared())
        .await
        .unwrap();
    for statement in [
        "CREATE ROLE limited LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 0",
        "CREATE DATABASE limited OWNER limited",
    ] {
        admin.execute_script(statement).await.unwrap();
    }
    let url = format!("postgres://limited:hunter2@127.0.0.1:{}/limited", server.port());
    let mut running = Setup::new().set("DATABASE_URL", url).launch().await;
    let line = running.logged(|line| line["message"] == "database.waiting").await;
    assert!(!line.to_string().contains("hunter2"));
    assert_starting(&running).await;
    admin.execute_script("ALTER ROLE limited CONNECTION LIMIT -1").await.unwrap();
    running.ready().await;
    get(running.api, "/ready").await.expect(200);
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

/// A database that refuses connections.
fn refusing() -> Setup {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Setup::new().set("DATABASE_URL", format!("postgres://app:hunter2@127.0.0.1:{port}/app"))
}

#[tokio::test]
async fn a_database_that_does_not_come_in_time_is_worth_a_restart() {
    for seconds in ["0", "2"] {
        let ended = refusing().set("DATABASE_STARTUP_TIMEOUT_SECONDS", seconds).run().await.expect(1);
        let waited = ended.stdout.contains("database.waiting");
        assert_eq!(waited, seconds != "0", "{}", ended.stdout);
        let ended = ended.says(&["the database cannot be reached", "DATABASE_URL", "environment variable"]);
        ended.never_says(&["hunter2", "panicked", "with the settings"]);
    }
}

#[tokio::test]
async fn a_command_that_cannot_reach_the_database_says_so_and_waits_for_nothing() {
    for command in [
        &["migrate"][..],
        &["migrate", "status"],
        &["users", "create", "--email", "ann@example.com", "--username", "ann"],
    ] {
        let ended = refusing().command(command).input("violet-Tractor-93-lamp\n").run().await.expect(1);
        let ended = ended.says(&["the database cannot be reached", "DATABASE_URL"]);
        ended.never_says(&["hunter2", "database.waiting", "with the settings"]);
    }
}

#[tokio::test]
async fn a_stop_ends_the_wait_for_a_database() {
    let running = refusing().launch().await;
    running.logged(|line| line["message"] == "database.waiting").await;
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0).never_says(&["hunter2"]);
}
