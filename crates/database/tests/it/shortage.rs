//! A server that gives fewer connections than the pool may have: callers wait for those that exist.

use std::{pin::pin, sync::Arc};

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_database::{
    Database, Error, Settings,
    sea_query::{Expr, Query, SelectStatement},
};
use palisade_telemetry::metrics::{Off, Reading, Registry, Telemetry};
use palisade_testkit::{
    servers::{MariaDb, PgBouncer, Postgres},
    wait,
};
use tracing::instrument::WithSubscriber as _;

use crate::log::Log;

/// Connections that the server gives.
const GIVEN: u32 = 4;
/// Connections that the pool may have.
const LIMIT: u32 = 20;

async fn connect(url: &str) -> Database {
    let settings = Settings {
        pool_size: LIMIT,
        max_overflow: 0,
        // Generous: whoever waits gets a connection as soon as one comes back, however slow the machine is.
        acquire_timeout_ms: 60_000,
        statement_timeout_ms: 60_000,
        connect_timeout_ms: 60_000,
        ..Settings::for_url(url)
    };
    Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap()
}

fn select(what: &'static str) -> SelectStatement {
    Query::select().expr(Expr::cust(what)).to_owned()
}

/// As many callers at once as make the pool want all the connections it may have, twice.
async fn serves_everybody(database: &Database, slow: &'static str) {
    for _ in 0..2 {
        let statement = select(slow);
        let outcomes = join_all((0..60).map(|_| database.fetch_all(&statement))).await;
        let failed: Vec<&Error> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(failed.is_empty(), "{} of 60 failed: {:?}", failed.len(), failed.first());
    }
    assert_eq!(database.breaker().unwrap().counters().opened, 0, "a shortage is not a loss");
    assert_eq!(database.stats().waiting, 0);
}

/// Asks until the pool has more connections than before.
async fn grows(database: &Database, slow: &'static str, beyond: u32) {
    let statement = select(slow);
    wait::until("the pool grows", async || {
        for outcome in join_all((0..60).map(|_| database.fetch_all(&statement))).await {
            outcome.unwrap();
        }
        database.stats().open > beyond
    })
    .await;
}

const SLOW_POSTGRES: &str = "CAST(pg_sleep(0.02) AS TEXT)";
const SLOW_MARIADB: &str = "SLEEP(0.02)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_refuses_more_connections_keeps_serving_by_those_it_gave() {
    let server = Postgres::start_with(&["max_connections=12", "superuser_reserved_connections=3"]).unwrap();
    let admin = connect(&server.url()).await;
    admin.execute_script("CREATE ROLE app LOGIN; CREATE ROLE few LOGIN CONNECTION LIMIT 4").await.unwrap();
    // The whole server's limit, then that of the user alone; both are 53300.
    let app = connect(&server.url().replace("postgres@", "app@")).await;
    serves_everybody(&app, SLOW_POSTGRES).await;
    assert!(app.stats().open < 9, "{:?}", app.stats());
    app.close().await;
    let few = connect(&server.url().replace("postgres@", "few@")).await;
    serves_everybody(&few, SLOW_POSTGRES).await;
    assert!(few.stats().open <= GIVEN, "{:?}", few.stats());
    admin.execute_script("ALTER ROLE few CONNECTION LIMIT -1").await.unwrap();
    grows(&few, SLOW_POSTGRES, GIVEN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_that_refuses_more_connections_keeps_serving_by_those_it_gave() {
    let server = MariaDb::start().unwrap();
    let admin = connect(&server.url()).await;
    admin
        .execute_script(
            "CREATE USER app@'%'; CREATE USER few@'%' WITH MAX_USER_CONNECTIONS 4; \
             GRANT SELECT ON mysql.* TO app@'%', few@'%'",
        )
        .await
        .unwrap();
    // 1226: the limit of the user alone.
    let few = connect(&server.url().replace("root@", "few@")).await;
    serves_everybody(&few, SLOW_MARIADB).await;
    assert!(few.stats().open <= GIVEN, "{:?}", few.stats());
    few.close().await;
    // 1040: the limit of the server, ten at least.
    admin.execute_script("SET GLOBAL max_connections = 10").await.unwrap();
    let app = connect(&server.url().replace("root@", "app@")).await;
    serves_everybody(&app, SLOW_MARIADB).await;
    let few = app.stats().open;
    assert!(few < 11, "{:?}", app.stats());
    admin.execute_script("SET GLOBAL max_connections = 100").await.unwrap();
    grows(&app, SLOW_MARIADB, few).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_refuses_more_clients_keeps_serving_by_those_it_took() {
    let server = Postgres::start().unwrap();
    let pooler = PgBouncer::start(&server, 2, "max_client_conn = 4").unwrap();
    let settings =
        Settings { statement_cache_size: 0, pool_size: LIMIT, ..Settings::for_url(pooler.url("postgres")) };
    let settings = Settings { acquire_timeout_ms: 60_000, ..settings };
    let database = Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap();
    serves_everybody(&database, SLOW_POSTGRES).await;
    assert!(database.stats().open <= GIVEN, "{:?}", database.stats());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_in_vain_learns_that_the_server_gives_no_more() {
    let server = Postgres::start().unwrap();
    let admin = connect(&server.url()).await;
    admin.execute_script("CREATE ROLE one LOGIN CONNECTION LIMIT 1").await.unwrap();
    let settings = Settings {
        acquire_timeout_ms: 1_000,
        ..Settings::for_url(server.url().replace("postgres@", "one@"))
    };
    let registry = Arc::new(Registry::new());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    let database = Database::connect(&settings, Arc::new(SystemClock), &telemetry).await.unwrap();
    let held = database.begin().await.unwrap();
    let error = database.fetch_all(&select("1")).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("53300")), "{error:?}");
    let families = registry.read();
    let refused = families.iter().find(|family| family.declaration.name == "db_pool_refused_total").unwrap();
    assert!(matches!(refused.series[..], [ref only] if matches!(only.value, Reading::Counter(1.0))));
    assert_eq!(palisade_core::Error::from(error).status(), 503);
    drop(held);
    database.fetch_all(&select("1")).await.unwrap();
    assert_eq!(database.breaker().unwrap().counters().opened, 0);
}

/// Under load one connection may be slow for long; the server is lost only when it answers nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_connection_is_replaced_while_the_server_answers_others() {
    let server = Postgres::start().unwrap();
    let database = connect(&server.url()).await;
    let (mut other, mut silent) = (database.begin().await.unwrap(), database.begin().await.unwrap());
    let pid = Query::select().expr_as(Expr::cust("pg_backend_pid()"), "pid").to_owned();
    let pid: i32 = silent.fetch_optional(&pid).await.unwrap().unwrap().get("pid").unwrap();
    silent.rollback().await.unwrap();
    assert_eq!(database.stats().idle, 1);
    signal("-STOP", pid);
    let one = select("1");
    let mut call = pin!(database.fetch_all(&one));
    let outcome = loop {
        tokio::select! {
            outcome = &mut call => break outcome,
            answered = other.fetch_all(&one) => assert!(answered.is_ok()),
        }
    };
    signal("-CONT", pid);
    outcome.unwrap();
    assert_eq!(database.breaker().unwrap().counters().opened, 0);
}

/// Sends a signal to one process of a server.
fn signal(name: &str, pid: i32) {
    let sent = std::process::Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn the_start_says_what_the_server_allows_and_warns_when_a_second_process_does_not_fit() {
    let server = Postgres::start_with(&["max_connections=45"]).unwrap();
    let log = Log::default();
    let starts = async {
        let admin = connect(&server.url()).await;
        admin.execute_script("CREATE ROLE few LOGIN CONNECTION LIMIT 35").await.unwrap();
        connect(&server.url().replace("postgres@", "few@")).await;
        connect(&palisade_testkit::mysql_url()).await;
    };
    starts.with_subscriber(log.subscriber()).await;
    let text = log.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("database.capacity")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    // 45 without the three that are kept for superusers; the pool has twenty.
    assert!(lines[0].contains("INFO") && lines[0].contains("server_allows=42"), "{}", lines[0]);
    assert!(lines[0].contains("processes_that_fit=2"), "{}", lines[0]);
    assert!(lines[1].contains("WARN") && lines[1].contains("user_may_have=35"), "{}", lines[1]);
    assert!(lines[1].contains("processes_that_fit=1"), "{}", lines[1]);
    assert!(lines[2].contains("server_allows="), "{}", lines[2]);
}
