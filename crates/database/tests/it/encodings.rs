//! Databases in another encoding than UTF-8.

use std::sync::Arc;

use palisade_core::{ErrorKind, SystemClock};
use palisade_database::{Database, Error, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::servers::{MariaDb, Postgres};

use crate::library::{count, new_shelf};

async fn connect(url: &str) -> Result<Database, Error> {
    Database::connect(&Settings::for_url(url), Arc::new(SystemClock), &Off::shared()).await
}

/// The same server's database of that name.
fn library(url: &str) -> String {
    format!("{}/library", url.rsplit_once('/').unwrap().0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_the_encoding_has_no_place_for_is_the_senders_mistake() {
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    let encoded = "CREATE DATABASE library ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    let admin = connect(&postgres.url()).await.unwrap();
    admin.execute_script(encoded).await.unwrap();
    let latin = connect(&library(&postgres.url())).await.unwrap();
    latin.execute_script("CREATE TABLE shelves (id UUID, name TEXT)").await.unwrap();

    let admin = connect(&mariadb.url()).await.unwrap();
    admin.execute_script("CREATE DATABASE library CHARACTER SET latin1").await.unwrap();
    let other = connect(&library(&mariadb.url())).await.unwrap();
    other.execute_script("CREATE TABLE shelves (id BINARY(16), name TEXT)").await.unwrap();

    for database in [latin, other] {
        let error = database.execute(&new_shelf("Ann \u{1f600}")).await.unwrap_err();
        assert_eq!(palisade_core::Error::from(error).kind(), ErrorKind::Validation);
        database.execute(&new_shelf("\u{c5}ngstr\u{f6}m")).await.unwrap();
        assert_eq!(count(&database, "shelves").await, 1);
    }
}
