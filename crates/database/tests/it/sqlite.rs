//! What is special about SQLite: one writer, files, memory.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use palisade_core::SystemClock;
use palisade_database::{Database, Error, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::TestDatabase;
use tokio::task::JoinSet;

use crate::library::{LIBRARY, count, new_shelf};

async fn open(url: String) -> Result<Database, Error> {
    Database::connect(&Settings::for_url(url), Arc::new(SystemClock), &Off::shared()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_never_see_a_locked_database() {
    let test = TestDatabase::sqlite(&[&LIBRARY]).await;
    let mut writers = JoinSet::new();
    for writer in 0..64 {
        let database = test.database().clone();
        writers.spawn(async move {
            for number in 0..10 {
                let mut transaction = database.begin().await?;
                transaction.execute(&new_shelf(&format!("{writer}/{number}"))).await?;
                transaction.commit().await?;
            }
            Ok::<_, Error>(())
        });
    }
    for outcome in writers.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(count(test.database(), "shelves").await, 640);
}

#[tokio::test]
async fn readers_go_on_while_someone_writes() {
    let test = TestDatabase::sqlite(&[&LIBRARY]).await;
    let mut transaction = test.database().begin().await.unwrap();
    transaction.execute(&new_shelf("a")).await.unwrap();
    assert_eq!(count(test.database(), "shelves").await, 0);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn two_processes_may_write_one_file() {
    let test = TestDatabase::sqlite(&[&LIBRARY]).await;
    let other = open(test.url().to_owned()).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..40 {
        let database = if number % 2 == 0 { test.database().clone() } else { other.clone() };
        writers.spawn(async move { database.execute(&new_shelf(&format!("{number}"))).await });
    }
    for outcome in writers.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(count(&other, "shelves").await, 40);
}

#[tokio::test]
async fn folder_and_files_are_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/palisade.db");
    let database = open(format!("sqlite://{}", path.display())).await.unwrap();
    database.execute_script("CREATE TABLE t (x INTEGER)").await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open(format!("sqlite://{}/below/a.db", file.display())).await.unwrap_err();
    assert!(matches!(&error, Error::Configuration(text) if text.contains("below/a.db")), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "these are my notes, not a database. ".repeat(100)).unwrap();
    let error = open(format!("sqlite://{}", file.display())).await.unwrap_err();
    assert!(matches!(&error, Error::Configuration(text) if text.contains("notes.txt")), "{error}");
}

#[tokio::test]
async fn an_existing_file_is_demanded_by_mode_rw() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(format!("sqlite://{}/none.db?mode=rw", folder.path().display())).await.unwrap_err();
    assert!(matches!(error, Error::Configuration(_)), "{error}");
}

#[tokio::test]
async fn memory_survives_cancelled_calls_and_is_not_shared() {
    let database = open("sqlite::memory:".to_owned()).await.unwrap();
    database.execute_script("CREATE TABLE shelves (id BLOB, name TEXT)").await.unwrap();
    for _ in 0..50 {
        let transaction = async {
            let mut transaction = database.begin().await.unwrap();
            transaction.execute(&new_shelf("lost")).await.unwrap();
            std::future::pending::<()>().await;
        };
        assert!(tokio::time::timeout(std::time::Duration::from_micros(300), transaction).await.is_err());
    }
    database.execute(&new_shelf("a")).await.unwrap();
    assert_eq!(count(&database, "shelves").await, 1);
    let other = open("sqlite::memory:".to_owned()).await.unwrap();
    assert!(other.execute(&new_shelf("a")).await.is_err(), "two in memory are two");
}
