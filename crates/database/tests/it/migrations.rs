//! Each migration once, whoever starts first, and every contradiction named.

use std::{sync::Arc, time::Duration};

use palisade_core::SystemClock;
use palisade_database::{
    Database, Dialect, Error, Migration, MigrationError, Migrations, Migrator,
    sea_query::{Expr, Query},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{TestDatabase, on_every_database};
use tokio::task::JoinSet;

const fn everywhere(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { version, name, sqlite: sql, postgres: sql, mysql: sql }
}

static ANIMALS: Migrations = Migrations {
    domain: "animals",
    files: &[
        everywhere(1, "create_cats", "CREATE TABLE cats (id INTEGER); INSERT INTO cats (id) VALUES (1);"),
        everywhere(4, "more_cats", "INSERT INTO cats (id) VALUES (2);\n"),
    ],
};
static PLANTS: Migrations = Migrations {
    domain: "plants",
    files: &[
        everywhere(2, "create_trees", "CREATE TABLE trees (id INTEGER);"),
        everywhere(3, "trees_from_cats", "INSERT INTO trees SELECT id FROM cats; -- ; done"),
    ],
};
static BROKEN: Migrations = Migrations {
    domain: "broken",
    files: &[everywhere(9, "half", "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES ('s3cret');")],
};
static EDITED: Migrations = Migrations {
    domain: "animals",
    files: &[everywhere(1, "create_cats", "CREATE TABLE cats (id BIGINT);")],
};
static TWIN: Migrations = Migrations { domain: "twin", files: &[everywhere(2, "again", "SELECT 1;")] };

async fn rows(test: &TestDatabase, table: &'static str) -> usize {
    test.database().fetch_all(&Query::select().column("id").from(table).to_owned()).await.unwrap().len()
}

on_every_database! {
    migrations: [],

    async fn domains_are_merged_by_version_and_applied_once(test: TestDatabase) {
        let migrator = Migrator::new(vec![&ANIMALS, &PLANTS]);
        let pending = migrator.pending(test.database()).await.unwrap();
        assert_eq!(pending.iter().map(|p| (p.version, p.domain)).collect::<Vec<_>>(), [(1, "animals"), (2, "plants"), (3, "plants"), (4, "animals")]);
        let applied = migrator.run(test.database()).await.unwrap();
        assert_eq!(applied.iter().map(|a| a.version).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((rows(&test, "cats").await, rows(&test, "trees").await), (2, 1));
        assert!(migrator.run(test.database()).await.unwrap().is_empty());
        assert!(migrator.pending(test.database()).await.unwrap().is_empty());
    }

    async fn a_late_older_version_is_still_applied(test: TestDatabase) {
        Migrator::new(vec![&ANIMALS]).run(test.database()).await.unwrap();
        let applied = Migrator::new(vec![&ANIMALS, &PLANTS]).run(test.database()).await.unwrap();
        assert_eq!(applied.iter().map(|a| a.version).collect::<Vec<_>>(), [2, 3]);
    }

    async fn an_older_program_tolerates_a_newer_schema(test: TestDatabase) {
        Migrator::new(vec![&ANIMALS, &PLANTS]).run(test.database()).await.unwrap();
        let older = Migrator::new(vec![&ANIMALS]);
        let status = older.status(test.database()).await.unwrap();
        assert_eq!((status.applied, status.pending, status.unknown), (vec![1, 4], vec![], vec![2, 3]));
        assert!(older.run(test.database()).await.unwrap().is_empty());
    }

    async fn replicas_that_start_together_apply_each_once(test: TestDatabase) {
        let mut replicas = JoinSet::new();
        for _ in 0..4 {
            let settings = test.settings();
            replicas.spawn(async move {
                let database = Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap();
                Migrator::new(vec![&ANIMALS, &PLANTS]).run(&database).await.unwrap().len()
            });
        }
        let applied: usize = replicas.join_all().await.into_iter().sum();
        assert_eq!(applied, 4);
        assert_eq!(rows(&test, "cats").await, 2);
    }

    async fn a_cancelled_run_gives_the_lock_back(test: TestDatabase) {
        let migrator = Migrator::new(vec![&ANIMALS, &PLANTS]);
        for millis in [1, 2, 4, 8] {
            let _cancelled = tokio::time::timeout(Duration::from_millis(millis), migrator.run(test.database())).await;
        }
        let other = Database::connect(&test.settings(), Arc::new(SystemClock), &Off::shared()).await.unwrap();
        match palisade_testkit::wait::end_of("the lock is free", migrator.run(&other)).await {
            Ok(_) => assert_eq!(rows(&test, "cats").await, 2),
            // Cancelled between two statements that MySQL cannot undo together.
            Err(error) => {
                assert_eq!(test.dialect(), Dialect::MySql, "{error:?}");
                assert!(matches!(&error, Error::Migration(MigrationError::Interrupted { .. })), "{error:?}");
            }
        }
    }

    async fn a_connection_survives_a_change_of_its_tables(test: TestDatabase) {
        Migrator::new(vec![&ANIMALS]).run(test.database()).await.unwrap();
        // A `*` whose columns have changed makes the driver's thread for SQLite panic.
        let columns = if test.dialect() == Dialect::Sqlite { "id" } else { "*" };
        let select = Query::select().expr(Expr::cust(columns)).from("cats").to_owned();
        test.database().fetch_all(&select).await.unwrap();
        let other = Database::connect(&test.settings(), Arc::new(SystemClock), &Off::shared()).await.unwrap();
        other.execute_script("ALTER TABLE cats ADD COLUMN name VARCHAR(10)").await.unwrap();
        assert_eq!(test.database().fetch_all(&select).await.unwrap().len(), 2);
    }

    async fn an_edited_file_is_refused(test: TestDatabase) {
        Migrator::new(vec![&ANIMALS]).run(test.database()).await.unwrap();
        let edited = Migrator::new(vec![&EDITED]);
        for error in [edited.run(test.database()).await.unwrap_err(), edited.pending(test.database()).await.unwrap_err()] {
            assert!(matches!(&error, Error::Migration(MigrationError::Changed { version: 1, .. })), "{error:?}");
        }
    }

    async fn a_failed_file_names_its_statement_and_leaves_the_earlier_ones(test: TestDatabase) {
        let migrator = Migrator::new(vec![&ANIMALS, &BROKEN]);
        let error = migrator.run(test.database()).await.unwrap_err();
        assert!(matches!(&error, Error::Migration(MigrationError::Failed { version: 9, statement: 2, .. })), "{error:?}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        assert_eq!(rows(&test, "cats").await, 2);
        let again = migrator.run(test.database()).await.unwrap_err();
        if test.dialect() == Dialect::MySql {
            assert!(matches!(&again, Error::Migration(MigrationError::Interrupted { version: 9, progress: Some(1), .. })), "{again:?}");
        } else {
            assert!(matches!(&again, Error::Migration(MigrationError::Failed { statement: 2, .. })), "{again:?}");
        }
    }

    async fn two_files_of_one_version_are_refused(test: TestDatabase) {
        let error = Migrator::new(vec![&PLANTS, &TWIN]).pending(test.database()).await.unwrap_err();
        assert!(matches!(&error, Error::Migration(MigrationError::DuplicateVersion { version: 2, .. })), "{error:?}");
    }
}
