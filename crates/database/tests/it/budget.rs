//! Waiting for a connection under the budget of a request.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use palisade_core::{SystemClock, WaitBudget};
use palisade_database::{
    Database, Error, Settings,
    sea_query::{Expr, Query, SelectStatement},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::wait;

/// A database in memory has one connection for everything. Without a budget, callers wait for ten minutes.
async fn database() -> Database {
    let settings = Settings { acquire_timeout_ms: 600_000, ..Settings::for_url("sqlite::memory:") };
    Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap()
}

fn one() -> SelectStatement {
    Query::select().expr(Expr::cust("1")).to_owned()
}

#[tokio::test]
async fn all_calls_of_a_request_share_one_budget_of_waiting() {
    let database = database().await;
    let held = database.begin().await.unwrap();
    let request = WaitBudget::new(Duration::from_millis(20)).cover(async {
        // Each of them would wait for ten minutes by itself.
        for _ in 0..5 {
            let refused = database.fetch_all(&one()).await;
            assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
            assert_eq!(WaitBudget::current().unwrap().left(), Duration::ZERO);
        }
    });
    wait::end_of("a request whose budget is spent", request).await;
    held.rollback().await.unwrap();
    let statement = one();
    let served = WaitBudget::new(Duration::ZERO).cover(database.fetch_all(&statement));
    wait::until("a connection is free", async || database.stats().idle > 0).await;
    served.await.expect("who need not wait needs no budget");
}

#[tokio::test]
async fn a_request_that_has_had_a_connection_comes_before_new_ones() {
    let database = database().await;
    let budget = WaitBudget::new(Duration::from_secs(60));
    let held = database.begin().await.unwrap();
    let mut new = pin!(budget.cover(database.begin()));
    let mut begun = pin!(budget.cover(async {
        // As after its first call.
        WaitBudget::spend(Duration::ZERO);
        database.begin().await
    }));
    assert!(new.as_mut().now_or_never().is_none() && begun.as_mut().now_or_never().is_none());
    held.rollback().await.unwrap();
    let first = wait::end_of("the request that was begun", begun).await.unwrap();
    assert!(new.as_mut().now_or_never().is_none(), "the new one still waits");
    first.rollback().await.unwrap();
    wait::end_of("the new one", new).await.unwrap().rollback().await.unwrap();
}
