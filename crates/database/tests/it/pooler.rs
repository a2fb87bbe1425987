//! A PgBouncer in transaction mode between this process and the server.

use std::sync::Arc;

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_database::{
    Database, Error, Migrator, Settings,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    servers::{PgBouncer, Postgres},
    wait,
};

use crate::library::{LIBRARY, count, new_shelf};

/// Sessions that the clients share.
const SESSIONS: u32 = 2;

fn settings(url: String) -> Settings {
    let patient =
        Settings { acquire_timeout_ms: 60_000, connect_timeout_ms: 60_000, ..Settings::for_url(url) };
    Settings { statement_cache_size: 0, statement_timeout_ms: 60_000, ..patient }
}

async fn connect(settings: &Settings) -> Database {
    Database::connect(settings, Arc::new(SystemClock), &Off::shared()).await.unwrap()
}

fn number(sql: &'static str) -> SelectStatement {
    Query::select().expr_as(Expr::cust(sql), "number").to_owned()
}

async fn asked(database: &Database, sql: &'static str) -> i64 {
    database.fetch_optional(&number(sql)).await.unwrap().unwrap().get("number").unwrap()
}

/// Writes shelves and reads each back, in turn outside and inside a transaction; statements differ in their number of
/// values, so that one that ran in somebody else's place would fail.
async fn works(database: &Database, worker: usize) {
    for round in 0..20 {
        let name = format!("{worker} {round}");
        let insert = new_shelf(&name);
        let select =
            Query::select().column("name").from("shelves").and_where(Expr::col("name").eq(&*name)).to_owned();
        let row = if round % 2 == 0 {
            database.execute(&insert).await.unwrap();
            database.fetch_optional(&select).await.unwrap()
        } else {
            let mut transaction = database.begin().await.unwrap();
            transaction.execute(&insert).await.unwrap();
            let row = transaction.fetch_optional(&select).await.unwrap();
            transaction.commit().await.unwrap();
            row
        };
        assert_eq!(row.unwrap().get::<String>("name").unwrap(), name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_migrate_and_work_through_a_pooler_that_shares_its_sessions() {
    let server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, SESSIONS, "").unwrap();
    let settings = settings(pooler.url("postgres"));
    let (one, other) = tokio::join!(connect(&settings), connect(&settings));
    let migrator = Migrator::new(vec![&LIBRARY]);
    let (first, second) = tokio::join!(migrator.run(&one), migrator.run(&other));
    assert_eq!(first.unwrap().len() + second.unwrap().len(), LIBRARY.files.len(), "each migration once");

    join_all((0..8).map(|worker| works(if worker % 2 == 0 { &one } else { &other }, worker))).await;
    assert_eq!(count(&one, "shelves").await, 160);
    one.check().await.unwrap();

    // Nothing of a client stays behind in the sessions, which the next client gets.
    let sessions = join_all((0..4).map(|_| async {
        let statements = asked(&one, "(SELECT COUNT(*) FROM pg_prepared_statements)").await;
        let locks = asked(&one, "(SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory')").await;
        (statements, locks)
    }));
    assert_eq!(sessions.await, [(0, 0); 4]);
    let timeout =
        asked(&one, "(SELECT CAST(reset_val AS BIGINT) FROM pg_settings WHERE name = 'statement_timeout')");
    assert_eq!(timeout.await, 0);
    let within =
        asked(&one, "(SELECT CAST(setting AS BIGINT) FROM pg_settings WHERE name = 'statement_timeout')");
    assert_eq!(within.await, 60_000, "each statement has its limit");
    let direct = Database::connect(&Settings::for_url(server.url()), Arc::new(SystemClock), &Off::shared())
        .await
        .unwrap();
    assert!(
        asked(&direct, "(SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'palisade')").await
            <= 3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_statement_leaves_no_transaction_open_in_the_pooler() {
    let server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, 1, "").unwrap();
    let database = connect(&settings(pooler.url("postgres"))).await;
    for _ in 0..3 {
        let error = database.fetch_all(&number("1 / (1 - 1)")).await.unwrap_err();
        assert!(matches!(&error, Error::Statement { code, .. } if code == "22012"), "{error:?}");
        assert_eq!(asked(&database, "CAST(1 AS BIGINT)").await, 1);
    }
    let endless = Settings { statement_timeout_ms: 200, ..settings(pooler.url("postgres")) };
    let endless = connect(&endless).await;
    let error = endless.fetch_all(&number("CAST(pg_sleep(60) AS TEXT)")).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("57014")), "{error:?}");
    assert_eq!(asked(&endless, "CAST(1 AS BIGINT)").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_startup_parameter_that_the_pooler_refuses_is_named_with_the_remedy() {
    let server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, SESSIONS, "").unwrap();
    let url = pooler.url("postgres?options=-csearch_path%3Dpublic");
    let error = Database::connect(&settings(url), Arc::new(SystemClock), &Off::shared()).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(&error, Error::Configuration(_)), "{error:?}");
    assert!(text.contains("`options`") && text.contains("ignore_startup_parameters"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_without_its_server_is_waited_for() {
    let mut server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, SESSIONS, "server_login_retry = 1").unwrap();
    let database = connect(&settings(pooler.url("postgres"))).await;
    server.kill().unwrap();
    let hasty = Settings { connect_timeout_ms: 2_000, ..settings(pooler.url("postgres")) };
    let error = Database::connect(&hasty, Arc::new(SystemClock), &Off::shared()).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
    server.restart().unwrap();
    wait::until("the server is back", async || database.check().await.is_ok()).await;
}

/// A plain server with the same setting: PostgreSQL keeps no statement, and MySQL prepares each one once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_cache_a_plain_server_is_not_filled_with_statements() {
    for url in [palisade_testkit::postgres_url(), palisade_testkit::mysql_url()] {
        let settings = Settings { pool_size: 1, max_overflow: 0, ..settings(url.clone()) };
        let database = connect(&settings).await;
        let counted = if url.starts_with("postgres") {
            "(SELECT COUNT(*) FROM pg_prepared_statements)"
        } else {
            "(SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.SESSION_STATUS \
              WHERE VARIABLE_NAME = 'COM_STMT_PREPARE')"
        };
        let one = Query::select().expr(Expr::val(1_i32)).to_owned();
        database.fetch_all(&one).await.unwrap();
        asked(&database, counted).await;
        let before = asked(&database, counted).await;
        for _ in 0..50 {
            database.fetch_all(&one).await.unwrap();
        }
        assert_eq!(asked(&database, counted).await, before, "{url}");
    }
}
