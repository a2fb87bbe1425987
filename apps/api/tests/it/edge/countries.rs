//! Countries let in or kept out.

use std::path::Path;

use palisade_testkit::{TestApp, TestAppBuilder, TestResponse, mmdb::Mmdb};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    errors::{Form, problems_of},
    support::until,
};

const CLIENT: &str = "203.0.113.9";

fn in_country(code: &str) -> Vec<u8> {
    Mmdb::ipv6().country("203.0.113.0/24", code).country("2001:db8::/32", "FR").build()
}

/// A server behind a proxy, with a database that a test may replace.
fn builder(database: &Path) -> TestAppBuilder {
    TestApp::builder()
        .set("security.trusted_proxies", json!(["127.0.0.1"]))
        .set("geoip.database_path", database.to_str().unwrap())
}

fn file(bytes: impl AsRef<[u8]>) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

async fn ask(app: &TestApp, client: &str) -> TestResponse {
    app.get("/api/v1/users/me").header("x-forwarded-for", client).await
}

#[tokio::test]
async fn who_is_elsewhere_is_refused_in_the_standard_body() {
    let (_folder, path) = file(in_country("DE"));
    let app = builder(&path).set("geoip.allowed_countries", json!(["de"])).spawn().await;
    ask(&app, CLIENT).await.expect(401);
    for elsewhere in ["2001:db8::1", "198.51.100.1"] {
        let refused = ask(&app, elsewhere).await.expect(403);
        assert_eq!(
            (refused.code().as_str(), refused.reason().as_str()),
            ("forbidden", "geoip.country_refused")
        );
        assert_eq!(problems_of(&refused, Form::Envelope), Vec::<String>::new());
        app.get("/health").header("x-forwarded-for", elsewhere).await.expect(200);
    }
    app.get("/api/v1/users/me").await.expect(401);
}

#[tokio::test]
async fn a_replaced_file_is_taken_up_while_the_server_runs() {
    let (folder, path) = file(in_country("DE"));
    let app = builder(&path).set("geoip.blocked_countries", json!(["FR"])).spawn().await;
    ask(&app, CLIENT).await.expect(401);
    let beside = folder.path().join("new");
    std::fs::write(&beside, in_country("FR")).unwrap();
    std::fs::rename(&beside, &path).unwrap();
    let call = || app.get("/api/v1/users/me").header("x-forwarded-for", CLIENT);
    until(call, |answer| answer.status == 403).await;
    std::fs::write(&path, "damaged").unwrap();
    std::fs::remove_file(&path).unwrap();
    call().await.expect(403);
}

#[tokio::test]
async fn a_file_that_is_missing_or_damaged_is_told_at_the_start() {
    let whole = in_country("DE");
    for bytes in [&b""[..], b"no database", &whole[..whole.len() / 2]] {
        let (_folder, path) = file(bytes);
        let problem = builder(&path).try_spawn().await.unwrap_err();
        assert!(problem.contains("geoip.database_path") && problem.contains("countries.mmdb"), "{problem}");
    }
    let problem = builder(Path::new("/nowhere/countries.mmdb")).try_spawn().await.unwrap_err();
    assert!(problem.contains("geoip.database_path") && problem.contains("No such file"), "{problem}");
}
