//! A prepared statement that is no longer valid is prepared anew, and nobody notices.

use palisade_database::{
    Database, Error,
    sea_query::{Expr, LockType, Query, SelectStatement},
};
use palisade_testkit::TestDatabase;

fn names() -> SelectStatement {
    Query::select().column("name").from("shelves").to_owned()
}

/// Another process changes what the prepared statements of these connections give.
async fn changes_the_type(database: &Database) {
    for kind in ["VARCHAR(50)", "TEXT"] {
        database.execute_script(&format!("ALTER TABLE shelves ALTER COLUMN name TYPE {kind}")).await.unwrap();
    }
    database.execute_script("ALTER TABLE shelves ALTER COLUMN name TYPE VARCHAR(40)").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_result_type_costs_nobody_an_error_outside_or_at_the_start_of_a_transaction() {
    let test = TestDatabase::postgres(&[]).await;
    let database = test.database();
    database
        .execute_script("CREATE TABLE shelves (name TEXT); INSERT INTO shelves VALUES ('a')")
        .await
        .unwrap();
    database.fetch_all(&names()).await.unwrap();
    changes_the_type(database).await;
    assert_eq!(database.fetch_all(&names()).await.unwrap().len(), 1);
    database.execute_script("ALTER TABLE shelves ALTER COLUMN name TYPE TEXT").await.unwrap();
    let mut transaction = database.begin().await.unwrap();
    assert_eq!(transaction.fetch_all(&names()).await.unwrap().len(), 1);
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_transaction_it_is_a_conflict_once_and_well_when_tried_again() {
    let test = TestDatabase::postgres(&[]).await;
    let database = test.database();
    database.execute_script("CREATE TABLE shelves (name TEXT)").await.unwrap();
    database.fetch_all(&names()).await.unwrap();
    let mut transaction = database.begin().await.unwrap();
    transaction.fetch_all(&Query::select().expr(Expr::val(1_i32)).to_owned()).await.unwrap();
    changes_the_type(database).await;
    let error = transaction.fetch_all(&names()).await.unwrap_err();
    assert!(matches!(&error, Error::Contention { code } if code == "0A000"), "{error:?}");
    drop(transaction);
    let mut again = database.begin().await.unwrap();
    again.fetch_all(&Query::select().expr(Expr::val(1_i32)).to_owned()).await.unwrap();
    again.fetch_all(&names()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_somebody_else_closed_are_prepared_anew() {
    let test = TestDatabase::postgres(&[]).await;
    let select = Query::select().expr(Expr::val(1_i32)).to_owned();
    test.database().fetch_all(&select).await.unwrap();
    // 26000 from now on, as after a pooler has reset the session.
    test.database().execute_script("DEALLOCATE ALL").await.unwrap();
    test.database().fetch_all(&select).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feature_that_is_missing_stays_a_fault_of_the_statement() {
    let test = TestDatabase::postgres(&[]).await;
    let select =
        Query::select().expr(Expr::cust("COUNT(*)")).from("pg_class").lock(LockType::Update).to_owned();
    let error = test.database().fetch_all(&select).await.unwrap_err();
    assert!(matches!(&error, Error::Statement { code, .. } if code == "0A000"), "{error:?}");
}
