//! A file that changes while it is in use.

use std::{path::Path, time::Duration};

use palisade_http::geoip::{GeoDatabase, Watch};
use palisade_testkit::{mmdb::Mmdb, wait};

use super::file;

const OFTEN: Duration = Duration::from_millis(5);

fn in_country(code: &str) -> Vec<u8> {
    Mmdb::ipv6().country("203.0.113.0/24", code).build()
}

/// Waits until the address is in that country.
async fn until(database: &GeoDatabase, code: &str) {
    wait::until("the file is taken up", async || {
        database.country("203.0.113.1".parse().unwrap()).is_some_and(|found| found.as_str() == code)
    })
    .await;
}

fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes).unwrap();
    std::fs::rename(beside, path).unwrap();
}

#[tokio::test]
async fn a_replacement_is_taken_up_whether_it_is_moved_or_written() {
    let (_folder, path) = file(in_country("DE"));
    let database = GeoDatabase::open(&path).unwrap();
    let _watch = Watch::start(database.clone(), OFTEN);
    until(&database, "DE").await;
    replace(&path, &in_country("FR"));
    until(&database, "FR").await;
    std::fs::write(&path, in_country("IT")).unwrap();
    until(&database, "IT").await;
}

#[tokio::test]
async fn a_file_that_is_replaced_before_it_is_watched_is_taken_up() {
    let (_folder, path) = file(in_country("DE"));
    let database = GeoDatabase::open(&path).unwrap();
    replace(&path, &in_country("FR"));
    let _watch = Watch::start(database.clone(), OFTEN);
    until(&database, "FR").await;
}

#[test]
fn a_damaged_replacement_leaves_all_as_it_is() {
    let (_folder, path) = file(in_country("DE"));
    let database = GeoDatabase::open(&path).unwrap();
    let country = || database.country("203.0.113.1".parse().unwrap()).unwrap().to_string();
    replace(&path, b"not a database");
    assert!(database.reload().unwrap_err().to_string().contains("no MaxMind database"));
    assert_eq!(country(), "DE");
    std::fs::remove_file(&path).unwrap();
    assert!(database.reload().is_err());
    assert_eq!(country(), "DE");
    replace(&path, &in_country("FR"));
    database.reload().unwrap();
    assert_eq!(country(), "FR");
}

#[tokio::test]
async fn a_damaged_replacement_does_not_end_the_watch() {
    let (_folder, path) = file(in_country("DE"));
    let database = GeoDatabase::open(&path).unwrap();
    let _watch = Watch::start(database.clone(), OFTEN);
    for (bytes, code) in [("damaged", "FR"), ("damaged again", "IT")] {
        replace(&path, bytes.as_bytes());
        tokio::task::yield_now().await;
        assert!(database.country("203.0.113.1".parse().unwrap()).is_some());
        replace(&path, &in_country(code));
        until(&database, code).await;
    }
}
