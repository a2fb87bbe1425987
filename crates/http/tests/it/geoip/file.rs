//! Which files are databases of countries.

use palisade_http::geoip::GeoDatabase;
use palisade_testkit::mmdb::Mmdb;
use proptest::prelude::*;

use super::{database, file};

fn problem(bytes: impl AsRef<[u8]>) -> String {
    let (_folder, path) = file(bytes);
    let error = GeoDatabase::open(&path).unwrap_err().to_string();
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    error
}

fn country(database: &GeoDatabase, address: &str) -> Option<String> {
    database.country(address.parse().unwrap()).map(|country| country.to_string())
}

#[test]
fn a_database_of_ipv4_knows_nothing_of_ipv6() {
    let (_folder, path) = file(Mmdb::ipv4().country("203.0.113.0/24", "DE").build());
    let database = GeoDatabase::open(path).unwrap();
    assert_eq!(country(&database, "203.0.113.255").as_deref(), Some("DE"));
    assert_eq!(country(&database, "::ffff:203.0.113.1").as_deref(), Some("DE"));
    assert_eq!(country(&database, "203.0.114.0"), None);
    assert_eq!(country(&database, "2001:db8::1"), None);
}

#[test]
fn the_longest_network_counts() {
    let bytes = Mmdb::ipv6().country("203.0.112.0/22", "DE").country("203.0.113.128/25", "FR").build();
    let (_folder, path) = file(bytes);
    let database = GeoDatabase::open(path).unwrap();
    let found = ["203.0.112.1", "203.0.113.127", "203.0.113.128", "203.0.115.255", "203.0.116.0"];
    let expected = [Some("DE"), Some("DE"), Some("FR"), Some("DE"), None];
    assert_eq!(
        found.map(|address| country(&database, address)),
        expected.map(|code| code.map(str::to_owned))
    );
}

#[test]
fn a_database_without_a_description_is_one() {
    let (_folder, path) = file(Mmdb::ipv6().undescribed().country("203.0.113.0/24", "DE").build());
    assert!(GeoDatabase::open(path).is_ok());
}

#[test]
fn what_is_missing_or_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = GeoDatabase::open(folder.path().join("none.mmdb")).unwrap_err().to_string();
    assert!(missing.contains("none.mmdb cannot be read: No such file"), "{missing}");
    assert!(GeoDatabase::open(folder.path()).is_err(), "a folder");
    assert!(problem("").contains("no MaxMind database"));
    assert!(problem([0x5a; 4_096]).contains("no MaxMind database"));
    let elsewhere = problem(Mmdb::ipv6().nowhere("203.0.113.0/24").build());
    assert!(elsewhere.contains("without countries (Test-Country)"), "{elsewhere}");
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_damaged() {
    let bytes = database().build();
    for length in 0..bytes.len() {
        problem(&bytes[..length]);
    }
}

proptest! {
    #[test]
    fn random_bytes_neither_panic_nor_hang(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        problem(bytes);
    }

    /// Wherever it is hit: it is refused, or every look-up still works.
    #[test]
    fn damaged_bytes_neither_panic_nor_hang(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        address in any::<std::net::IpAddr>(),
    ) {
        let mut bytes = database().build();
        for (index, byte) in hits {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let (_folder, path) = file(bytes);
        if let Ok(database) = GeoDatabase::open(path) {
            let _ = database.country(address);
        }
    }
}
