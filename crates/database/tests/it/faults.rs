//! A lost or frozen server costs one caller a bounded wait, the others are refused unasked, and it is found again by itself.

use std::{sync::Arc, time::Duration};

use palisade_core::SystemClock;
use palisade_database::{
    Database, Error, Settings,
    sea_query::{Expr, Query, SelectStatement},
};
use palisade_resilience::State;
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    servers::{MariaDb, Postgres, Server},
    wait,
};

const ACQUIRE: Duration = Duration::from_millis(600);
const STATEMENT: Duration = Duration::from_millis(1_000);
/// MariaDB's `SLEEP` ends its statement early and well instead of failing.
const ENDLESS: &str = "(SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b, \
                       information_schema.collations c, information_schema.collations d)";

async fn connect(url: String) -> Database {
    let settings = Settings {
        pool_size: 2,
        max_overflow: 1,
        acquire_timeout_ms: u64::try_from(ACQUIRE.as_millis()).unwrap(),
        statement_timeout_ms: u64::try_from(STATEMENT.as_millis()).unwrap(),
        ..Settings::for_url(url)
    };
    Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap()
}

fn one() -> SelectStatement {
    Query::select().expr_as(Expr::val(1_i32), "one").to_owned()
}

/// Asserts that a call ends as unavailable.
async fn lost(database: &Database) {
    let error = wait::end_of("a call to a lost server", database.fetch_all(&one())).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
    assert_eq!(palisade_core::Error::from(error).status(), 503);
}

/// Waits until calls succeed again, by asking.
async fn recovers(database: &Database) {
    wait::until("the server is back", async || database.check().await.is_ok()).await;
    for _ in 0..5 {
        database.fetch_all(&one()).await.unwrap();
    }
}

async fn survives_a_freeze(server: &Server, database: &Database) {
    database.fetch_all(&one()).await.unwrap();
    server.freeze().unwrap();
    lost(database).await;
    let breaker = database.breaker().unwrap();
    assert_ne!(breaker.state(), State::Closed, "the first to fail opens the breaker");
    let before = breaker.counters().rejections;
    futures_util::future::join_all((0..50).map(|_| lost(database))).await;
    // All but the one in half a second that tries the server.
    let refused = breaker.counters().rejections - before;
    assert!(
        refused > 40,
        "{refused} of 50 calls were refused without asking a server that is known to be lost"
    );
    assert!(database.check().await.is_err());
    server.thaw().unwrap();
    recovers(database).await;
}

async fn survives_a_freeze_within_a_statement(server: &Server, database: &Database) {
    let mut transaction = database.begin().await.unwrap();
    server.freeze().unwrap();
    let answer = wait::end_of("a statement on a frozen server", transaction.fetch_all(&one())).await;
    assert!(matches!(answer, Err(Error::Unavailable { .. })));
    drop(transaction);
    server.thaw().unwrap();
    recovers(database).await;
}

async fn survives_a_crash(server: &mut Server, database: &Database) {
    database.fetch_all(&one()).await.unwrap();
    server.kill().unwrap();
    lost(database).await;
    server.restart().unwrap();
    recovers(database).await;
    wait::until("no connection is in use", async || database.stats().in_use == 0).await;
}

/// A restart that nobody notices must cost nobody an error: the stale connections are replaced unseen.
async fn survives_an_unnoticed_restart(server: &mut Server, database: &Database) {
    let (_, _, _) = tokio::join!(database.check(), database.check(), database.check());
    server.restart().unwrap();
    database.fetch_all(&one()).await.unwrap();
}

async fn survives_everything(server: &mut Server, url: String) {
    let database = connect(url).await;
    survives_a_freeze(server, &database).await;
    survives_a_freeze_within_a_statement(server, &database).await;
    survives_a_crash(server, &database).await;
    survives_an_unnoticed_restart(server, &database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let mut server = Postgres::start().unwrap();
    let url = server.url();
    survives_everything(&mut server, url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let mut server = MariaDb::start().unwrap();
    let url = server.url();
    survives_everything(&mut server, url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_pool_is_not_a_lost_server() {
    let test = palisade_testkit::TestDatabase::postgres(&[]).await;
    let database = connect(test.url().to_owned()).await;
    let held =
        [database.begin().await.unwrap(), database.begin().await.unwrap(), database.begin().await.unwrap()];
    let error = database.fetch_all(&one()).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("in use")), "{error:?}");
    drop(held);
    database.fetch_all(&one()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_over_its_time_is_ended_by_the_server() {
    for (test, endless) in [
        (palisade_testkit::TestDatabase::postgres(&[]).await, "CAST(pg_sleep(60) AS TEXT)"),
        (palisade_testkit::TestDatabase::mysql(&[]).await, ENDLESS),
    ] {
        let database = connect(test.url().to_owned()).await;
        let endless = Query::select().expr(Expr::cust(endless)).to_owned();
        let error = wait::end_of("an endless statement", database.fetch_all(&endless)).await.unwrap_err();
        assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("gave up")), "{error:?}");
        database.fetch_all(&one()).await.unwrap();
    }
}
