//! A database that takes no writes, as after a fail-over: 503, not ready, and well again by itself.

use std::{path::Path, sync::Arc};

use palisade_core::SystemClock;
use palisade_database::{Database, Error, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    TestDatabase,
    servers::{MariaDb, Postgres},
    wait,
};

use crate::library::{LIBRARY, count, new_shelf};

async fn connect(url: &str) -> Result<Database, Error> {
    Database::connect(&Settings::for_url(url), Arc::new(SystemClock), &Off::shared()).await
}

fn is_unavailable(error: &Error) -> bool {
    matches!(error, Error::Unavailable { .. })
}

/// Writes fail as unavailable, also within a transaction; reads go on; the check says that requests cannot be served.
async fn takes_no_writes(database: &Database) {
    for _ in 0..3 {
        let error = database.execute(&new_shelf("a")).await.unwrap_err();
        assert!(is_unavailable(&error), "{error:?}");
        let mut transaction = database.begin().await.unwrap();
        let error = transaction.execute(&new_shelf("a")).await.unwrap_err();
        assert!(is_unavailable(&error), "{error:?}");
    }
    assert!(is_unavailable(&database.check().await.unwrap_err()));
    count(database, "shelves").await;
    assert_eq!(database.breaker().unwrap().counters().opened, 0, "a server that answers is not lost");
}

async fn takes_writes_again(database: &Database, shelf: &str) {
    wait::for_ok("the server takes writes", async || {
        database.check().await.inspect_err(|error| assert!(is_unavailable(error), "{error:?}"))
    })
    .await;
    database.execute(&new_shelf(shelf)).await.unwrap();
}

const SHELVES: &str = "CREATE TABLE shelves (id UUID, name TEXT)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_on_a_postgres_in_recovery_are_unavailable_until_it_is_promoted() {
    let mut server = Postgres::start_with(&["wal_level=replica", "hot_standby=on"]).unwrap();
    let database = connect(&server.url()).await.unwrap();
    database.execute_script(SHELVES).await.unwrap();
    let folder = "DO $$ BEGIN EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || \
                  '/standby.signal'); END $$; CHECKPOINT";
    database.execute_script(folder).await.unwrap();
    server.restart().unwrap();
    takes_no_writes(&database).await;
    let error = connect(&server.url()).await.unwrap_err();
    assert!(is_unavailable(&error), "a start may wait for this: {error:?}");
    database.execute_script("SELECT pg_promote()").await.unwrap();
    takes_writes_again(&database, "promoted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_on_a_postgres_set_read_only_are_unavailable_until_that_ends() {
    let test = TestDatabase::postgres(&[&LIBRARY]).await;
    let database = connect(test.url()).await.unwrap();
    let name = test.url().rsplit_once('/').unwrap().1;
    // The sessions that exist keep what they began with: they must be replaced.
    let set = |value| format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
    database.execute_script(&set("on")).await.unwrap();
    let reader = connect(test.url()).await.unwrap_err();
    assert!(is_unavailable(&reader), "{reader:?}");
    database.close().await;
    let undo = format!("BEGIN READ WRITE; {}; COMMIT", set("off"));
    test.database().execute_script(&undo).await.unwrap();
    let database = connect(test.url()).await.unwrap();
    database.execute_script("SET default_transaction_read_only = on").await.unwrap();
    assert!(is_unavailable(&database.execute(&new_shelf("a")).await.unwrap_err()), "an old session");
    takes_writes_again(&database, "b").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_on_a_read_only_mariadb_are_unavailable_until_it_takes_them() {
    let server = MariaDb::start().unwrap();
    let admin = connect(&server.url()).await.unwrap();
    admin
        .execute_script(
            "CREATE DATABASE library; CREATE TABLE library.shelves (id BINARY(16), name TEXT); \
             CREATE USER app@'%'; GRANT ALL ON library.* TO app@'%'",
        )
        .await
        .unwrap();
    let url = server.url().replace("root@", "app@").replace("/mysql", "/library");
    let database = connect(&url).await.unwrap();
    // 1290.
    admin.execute_script("SET GLOBAL read_only = 1").await.unwrap();
    takes_no_writes(&database).await;
    assert!(is_unavailable(&connect(&url).await.unwrap_err()), "a start may wait for this");
    admin.execute_script("SET GLOBAL read_only = 0").await.unwrap();
    takes_writes_again(&database, "a").await;
    // 1792: sessions that begin while it is set write nothing.
    admin.execute_script("SET GLOBAL tx_read_only = 1").await.unwrap();
    let late = connect(&url).await;
    assert!(is_unavailable(&late.unwrap_err()));
    admin.execute_script("SET GLOBAL tx_read_only = 0").await.unwrap();
    takes_writes_again(&database, "b").await;
}

/// The statement is well, the server has no room for one more prepared statement (1461).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_without_room_for_prepared_statements_is_unavailable_and_heals() {
    let server = MariaDb::start().unwrap();
    let admin = connect(&server.url()).await.unwrap();
    admin
        .execute_script("CREATE DATABASE library; CREATE TABLE library.shelves (id BINARY(16), name TEXT)")
        .await
        .unwrap();
    let database = connect(&server.url().replace("/mysql", "/library")).await.unwrap();
    admin.execute_script("SET GLOBAL max_prepared_stmt_count = 0").await.unwrap();
    let error = database.execute(&new_shelf("a")).await.unwrap_err();
    assert!(is_unavailable(&error), "{error:?}");
    admin.execute_script("SET GLOBAL max_prepared_stmt_count = 16382").await.unwrap();
    takes_writes_again(&database, "a").await;
}

#[tokio::test]
async fn an_sqlite_file_that_is_gone_damaged_or_read_only_fails_the_check_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let database = connect(&format!("sqlite://{}", path.display())).await.unwrap();
    database.execute_script("CREATE TABLE shelves (id BLOB, name TEXT)").await.unwrap();
    database.check().await.unwrap();

    // What is written to a removed file is lost.
    let aside = folder.path().join("aside.db");
    std::fs::rename(&path, &aside).unwrap();
    assert!(is_unavailable(&database.check().await.unwrap_err()));
    assert!(is_unavailable(&database.execute(&new_shelf("lost")).await.unwrap_err()));
    std::fs::rename(&aside, &path).unwrap();
    takes_file_again(&database, "a").await;

    let permissions = path.metadata().unwrap().permissions();
    let mut read_only = permissions.clone();
    read_only.set_readonly(true);
    std::fs::set_permissions(&path, read_only).unwrap();
    assert!(is_unavailable(&database.check().await.unwrap_err()));
    std::fs::set_permissions(&path, permissions).unwrap();
    takes_file_again(&database, "b").await;

    // Everything is in the file itself, and its first page is overwritten.
    database.execute_script("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    overwrite(&path, &vec![0xee; whole.len()]);
    assert!(database.check().await.is_err());
    overwrite(&path, &whole);
    takes_file_again(&database, "c").await;
}

async fn takes_file_again(database: &Database, shelf: &str) {
    wait::until("the check succeeds", async || database.check().await.is_ok()).await;
    wait::for_ok("the file takes writes", async || {
        let written = database.execute(&new_shelf(shelf)).await;
        written.inspect_err(|error| assert!(is_unavailable(error), "{error:?}"))
    })
    .await;
}

/// Writes within the file that SQLite has open.
fn overwrite(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    std::fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, 0).unwrap();
}
