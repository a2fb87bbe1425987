//! Countries let in or kept out, by databases that the tests write.

mod file;
mod replaced;

use std::{net::SocketAddr, path::PathBuf};

use actix_web::{
    App, HttpMessage as _, HttpRequest,
    test::{TestRequest, call_and_read_body, init_service},
    web,
};
use palisade_http::{
    Layer as _,
    geoip::{Country, CountryRules, GeoDatabase, GeoIp},
};
use palisade_testkit::mmdb::Mmdb;
use tempfile::TempDir;

use crate::{
    held::{Held, exempt, get},
    world::Answer,
};

/// A file with these bytes, in a folder of its own.
fn file(bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Germany and France, in both versions; a network whose country is not known; nothing else.
fn database() -> Mmdb {
    Mmdb::ipv6()
        .country("203.0.113.0/24", "DE")
        .country("198.51.100.0/24", "FR")
        .country("2001:db8:de::/48", "DE")
        .country("2001:db8:f::/48", "FR")
        .country("10.0.0.0/8", "FR")
        .nowhere("192.0.2.0/24")
}

fn countries(codes: &[&str]) -> Vec<Country> {
    codes.iter().map(|code| code.parse().unwrap()).collect()
}

async fn ask(app: &Held, address: &str, path: &str) -> Answer {
    app.ask(get(path).peer_addr(SocketAddr::new(address.parse().unwrap(), 40_000))).await
}

/// Whether each address is let in by these rules.
async fn let_in<const N: usize>(rules: CountryRules, addresses: [&str; N]) -> [bool; N] {
    let (_folder, path) = file(database().build());
    let app = Held::behind(GeoIp::new(GeoDatabase::open(path).unwrap(), rules, exempt())).await;
    let mut outcomes = [false; N];
    for (outcome, address) in outcomes.iter_mut().zip(addresses) {
        let answer = ask(&app, address, "/free").await;
        assert!([200, 403].contains(&answer.status), "{answer:?}");
        *outcome = answer.status == 200;
    }
    outcomes
}

const DE: &str = "203.0.113.9";
const DE6: &str = "2001:db8:de::1";
const FR: &str = "198.51.100.9";
const FR6: &str = "2001:db8:f:ffff::1";
const KNOWN_BUT_NOWHERE: &str = "192.0.2.1";
const UNKNOWN: &str = "8.8.8.8";
const MAPPED_FR: &str = "::ffff:198.51.100.9";

#[actix_web::test]
async fn an_allow_list_lets_in_what_it_names() {
    let addresses = [DE, DE6, FR, FR6, MAPPED_FR, UNKNOWN, KNOWN_BUT_NOWHERE];
    let closed = CountryRules::new(&countries(&["DE"]), &[], false).unwrap();
    assert_eq!(let_in(closed, addresses).await, [true, true, false, false, false, false, false]);
    let open = CountryRules::new(&countries(&["DE"]), &[], true).unwrap();
    assert_eq!(let_in(open, addresses).await, [true, true, false, false, false, true, true]);
}

#[actix_web::test]
async fn a_block_list_keeps_out_what_it_names() {
    let rules = CountryRules::new(&[], &countries(&["FR"]), false).unwrap();
    let addresses = [DE, DE6, FR, FR6, MAPPED_FR, UNKNOWN, KNOWN_BUT_NOWHERE];
    assert_eq!(let_in(rules, addresses).await, [true, true, false, false, false, true, true]);
}

#[actix_web::test]
async fn neighbours_are_let_in_whatever_a_database_says_of_them() {
    let rules = CountryRules::new(&countries(&["DE"]), &[], false).unwrap();
    assert_eq!(let_in(rules, ["127.0.0.1", "::1", "10.0.0.7", "192.168.1.1", "fd00::7"]).await, [true; 5]);
}

#[actix_web::test]
async fn a_refusal_is_a_403_in_the_standard_body_and_health_is_not_refused() {
    let (_folder, path) = file(database().build());
    let rules = CountryRules::new(&[], &countries(&["FR"]), false).unwrap();
    let app = Held::behind(GeoIp::new(GeoDatabase::open(path).unwrap(), rules, exempt())).await;
    let refused = ask(&app, FR, "/free").await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
    assert_eq!(refused.json()["error"]["details"]["reason"], "geoip.country_refused");
    assert_eq!(ask(&app, FR, "/health").await.status, 200);
    assert_eq!(ask(&app, FR, "/health/").await.status, 403);
}

#[actix_web::test]
async fn a_handler_finds_the_country() {
    let (_folder, path) = file(database().build());
    let rules = CountryRules::new(&[], &[], false).unwrap();
    let handler = |request: HttpRequest| async move {
        let country = request.extensions().get::<Country>().map(ToString::to_string);
        country.unwrap_or_else(|| "nowhere".to_owned())
    };
    let layer = GeoIp::new(GeoDatabase::open(path).unwrap(), rules, exempt());
    let app = init_service(App::new().route("/", web::get().to(handler)).wrap(layer.layered())).await;
    for (address, country) in [(DE, "DE"), (FR6, "FR"), (UNKNOWN, "nowhere"), (KNOWN_BUT_NOWHERE, "nowhere")]
    {
        let peer = SocketAddr::new(address.parse().unwrap(), 40_000);
        let request = TestRequest::get().uri("/").peer_addr(peer).to_request();
        assert_eq!(call_and_read_body(&app, request).await, country, "{address}");
    }
}
