//! All or nothing.

use std::time::Duration;

use palisade_database::{
    Dialect, Error,
    sea_query::{Expr, ExprTrait, LockType, Query},
};
use palisade_testkit::{TestDatabase, on_every_database};

use crate::library::{LIBRARY, count, new_id, new_shelf};

on_every_database! {
    migrations: [&LIBRARY],

    async fn a_committed_one_stays(test: TestDatabase) {
        let mut transaction = test.database().begin().await.unwrap();
        transaction.execute(&new_shelf("a")).await.unwrap();
        transaction.execute(&new_shelf("b")).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 2);
    }

    async fn a_last_statement_is_counted_and_commits(test: TestDatabase) {
        let shelves = |names: &[&str]| {
            let mut insert = new_shelf("a");
            names.iter().for_each(|name| {
                insert.values_panic([new_id().into(), (*name).into()]);
            });
            insert
        };
        let alone = test.database().begin().await.unwrap();
        assert_eq!(alone.execute_and_commit(&shelves(&["b", "c"])).await.unwrap(), 3);
        let mut transaction = test.database().begin().await.unwrap();
        let delete = Query::delete().from_table("shelves").to_owned();
        assert_eq!(transaction.execute(&delete).await.unwrap(), 3);
        assert_eq!(transaction.execute_and_commit(&new_shelf("d")).await.unwrap(), 1);
        assert_eq!(count(test.database(), "shelves").await, 1);
    }

    async fn a_last_statement_that_fails_leaves_nothing(test: TestDatabase) {
        for with_another in [false, true] {
            let mut transaction = test.database().begin().await.unwrap();
            if with_another {
                transaction.execute(&new_shelf("b")).await.unwrap();
            }
            let mut twice = new_shelf("a");
            twice.values_panic([new_id().into(), "a".into()]);
            let refused = transaction.execute_and_commit(&twice).await;
            assert!(matches!(refused, Err(Error::UniqueViolation { .. })), "{refused:?}");
            assert_eq!(count(test.database(), "shelves").await, 0);
        }
    }

    async fn one_that_is_never_used_leaves_its_connection_as_it_was(test: TestDatabase) {
        for _ in 0..20 {
            drop(test.database().begin().await.unwrap());
            test.database().begin().await.unwrap().commit().await.unwrap();
            test.database().begin().await.unwrap().rollback().await.unwrap();
        }
        test.database().execute(&new_shelf("a")).await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 1);
    }

    async fn a_rolled_back_one_leaves_nothing(test: TestDatabase) {
        let mut transaction = test.database().begin().await.unwrap();
        transaction.execute(&new_shelf("a")).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 0);
    }

    async fn a_dropped_one_leaves_nothing_and_frees_its_connection(test: TestDatabase) {
        for _ in 0..20 {
            let mut transaction = test.database().begin().await.unwrap();
            transaction.execute(&new_shelf("a")).await.unwrap();
            drop(transaction);
        }
        test.database().execute(&new_shelf("a")).await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 1);
    }

    async fn a_cancelled_one_leaves_nothing(test: TestDatabase) {
        for micros in [0, 200, 500, 1_000, 2_000, 5_000] {
            let work = async {
                let mut transaction = test.database().begin().await.unwrap();
                for number in 0..200 {
                    transaction.execute(&new_shelf(&format!("shelf {number}"))).await.unwrap();
                }
                std::future::pending::<()>().await;
            };
            assert!(tokio::time::timeout(Duration::from_micros(micros), work).await.is_err());
            assert_eq!(count(test.database(), "shelves").await, 0);
        }
        test.database().execute(&new_shelf("shelf 0")).await.unwrap();
    }

    async fn after_an_error_it_can_only_be_rolled_back(test: TestDatabase) {
        let mut transaction = test.database().begin().await.unwrap();
        transaction.execute(&new_shelf("a")).await.unwrap();
        assert!(matches!(transaction.execute(&new_shelf("a")).await, Err(Error::UniqueViolation { .. })));
        assert!(matches!(transaction.execute(&new_shelf("b")).await, Err(Error::Statement { .. })));
        assert!(transaction.commit().await.is_err(), "a commit must not pretend");
        assert_eq!(count(test.database(), "shelves").await, 0);
    }

    async fn others_see_nothing_of_it_before_its_end(test: TestDatabase) {
        let mut transaction = test.database().begin().await.unwrap();
        transaction.execute(&new_shelf("a")).await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 0);
        let own = transaction.fetch_all(&Query::select().column("name").from("shelves").to_owned()).await.unwrap();
        assert_eq!(own[0].get::<String>("name").unwrap(), "a");
        transaction.commit().await.unwrap();
        assert_eq!(count(test.database(), "shelves").await, 1);
    }

    async fn each_read_sees_what_others_committed(test: TestDatabase) {
        if test.dialect() == Dialect::Sqlite {
            // Its one writer keeps others from committing meanwhile.
            return;
        }
        let select = Query::select().column("id").from("shelves").to_owned();
        let mut transaction = test.database().begin().await.unwrap();
        assert_eq!(transaction.fetch_all(&select).await.unwrap().len(), 0);
        test.database().execute(&new_shelf("a")).await.unwrap();
        assert_eq!(transaction.fetch_all(&select).await.unwrap().len(), 1, "not READ COMMITTED");
    }

    async fn a_locked_row_serialises_its_writers(test: TestDatabase) {
        test.database().execute(&new_shelf("0")).await.unwrap();
        let ids = Query::select().column("id").from("shelves").to_owned();
        let id: uuid::Uuid = test.database().fetch_optional(&ids).await.unwrap().unwrap().get("id").unwrap();
        let raise = async || {
            let mut transaction = test.database().begin().await.unwrap();
            // By its key: MySQL may read the index of names instead, which the updates change, and see a deadlock.
            let it = || Expr::col("id").eq(id);
            let select = Query::select().column("name").from("shelves").and_where(it()).lock(LockType::Update).to_owned();
            let row = transaction.fetch_optional(&select).await.unwrap().unwrap();
            let next = row.get::<String>("name").unwrap().parse::<u32>().unwrap() + 1;
            let update =
                Query::update().table("shelves").value("name", next.to_string()).and_where(it()).to_owned();
            transaction.execute(&update).await.unwrap();
            transaction.commit().await.unwrap();
        };
        tokio::join!(raise(), raise(), raise(), raise());
        let four = Query::select().column("id").from("shelves").and_where(Expr::col("name").eq("4")).to_owned();
        assert!(test.database().fetch_optional(&four).await.unwrap().is_some(), "an update was lost");
    }
}
