//! Slow statements are logged without their values, and counted.

use std::sync::Arc;

use palisade_core::SystemClock;
use palisade_database::{
    Database, Dialect, Settings,
    sea_query::{Expr, ExprTrait, Query},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{TestDatabase, on_every_database};
use tracing::instrument::WithSubscriber;

use crate::log::Log;

on_every_database! {
    migrations: [],

    async fn a_slow_statement_is_logged_and_counted(test: TestDatabase) {
        let settings = Settings { slow_query_ms: 100, ..test.settings() };
        let database = Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap();
        let wait = match test.dialect() {
            Dialect::Sqlite => "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT MAX(i) FROM n)",
            Dialect::Postgres => "CAST(pg_sleep(0.2) AS TEXT)",
            Dialect::MySql => "SLEEP(0.2)",
        };
        let slow = Query::select().expr_as(Expr::cust(wait), "waited").and_where(Expr::val("s3cret").eq("s3cret")).to_owned();
        let quick = Query::select().expr_as(Expr::val(1_i32), "one").to_owned();

        let log = Log::default();
        let subscriber = log.subscriber();
        async {
            database.fetch_all(&quick).await.unwrap();
            assert_eq!(database.stats().slow_queries, 0);
            database.fetch_all(&slow).await.unwrap();
        }
        .with_subscriber(subscriber)
        .await;

        assert_eq!(database.stats().slow_queries, 1);
        let text = log.text();
        assert!(text.contains("WARN") && text.contains("database.slow_query") && text.contains("duration_ms="), "{text}");
        assert!(text.contains("statement=") && !text.contains("s3cret"), "{text}");
    }
}
