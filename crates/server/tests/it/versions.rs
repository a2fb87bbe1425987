//! Versions of the API side by side.
#![expect(deprecated, reason = "the attribute makes the API document call the route deprecated")]

use actix_web::{HttpResponse, get, post};
use palisade_http::deprecation::Deprecation;
use palisade_server::{ApiVersion, Domain};
use palisade_testkit::TestApp;
use serde_json::json;

use crate::notes;

#[utoipa::path(security(("bearer" = [])), responses((status = 200)))]
#[get("/notes")]
async fn list_of_version_2() -> HttpResponse {
    HttpResponse::Ok().body("second")
}

#[utoipa::path(security(()), request_body = String, responses((status = 200)))]
#[post("/length")]
async fn length(text: String) -> HttpResponse {
    HttpResponse::Ok().body(text.len().to_string())
}

#[tokio::test]
async fn the_bounds_of_the_api_hold_for_every_version() {
    let second = Domain::new("lengths").routes_of(ApiVersion::new(2), |config| {
        config.service(length);
    });
    let app = TestApp::builder()
        .server(notes::server().domain(second))
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", 2)
        .set("rate_limit.burst", 0)
        .spawn()
        .await;
    let send = |bytes: usize| app.post("/api/v2/length").body("text/plain", "a".repeat(bytes));
    // Larger than what may be sent outside of the API, and smaller than what may be sent to it.
    assert_eq!(send(100_000).await.expect(200).text(), "100000");
    send(2_000_000).await.expect(413);
    send(1).await.expect(200);
    send(1).await.expect(429);
}

#[tokio::test]
async fn two_versions_answer_and_each_has_its_document() {
    let second = Domain::new("notes-2").routes_of(ApiVersion::new(2), |config| {
        config.service(list_of_version_2);
    });
    let app = TestApp::builder().server(notes::server().domain(second)).spawn().await;
    let root = app.admin().await;
    app.get("/api/v2/notes").await.expect(401);
    assert_eq!(app.get("/api/v2/notes").token(&root.access_token).await.expect(200).text(), "second");
    assert_eq!(app.get("/api/v1/notes").token(&root.access_token).await.expect(200).text(), "[]");
    let first = app.get("/openapi.json").await.expect(200).json();
    assert!(first["paths"]["/api/v1/notes"].is_object() && first["paths"]["/api/v2/notes"].is_null());
    let second = app.get("/openapi/v2.json").await.expect(200).json();
    assert!(second["paths"]["/api/v2/notes"].is_object() && second["paths"]["/api/v1/notes"].is_null());
}

#[utoipa::path(
    security(()),
    responses((status = 200)),
    extensions(("x-deprecation" = json!({"since": "2026-11-20", "successor": "length"})))
)]
#[deprecated]
#[get("/size")]
async fn size_of_version_2() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[tokio::test]
async fn a_whole_version_is_deprecated_and_routes_of_every_version_are() {
    let second = Domain::new("lengths").routes_of(ApiVersion::new(2), |config| {
        config.service(length).service(size_of_version_2);
    });
    let (since, sunset) = ("2026-12-01".parse().unwrap(), "2027-06-01".parse().unwrap());
    let deprecation = Deprecation::new(since, Some(sunset), Some("/api/v2")).unwrap();
    let server = notes::server().domain(second).deprecate(ApiVersion::FIRST, deprecation);
    let app = TestApp::builder().server(server).spawn().await;
    // Whoever answers: here access control does.
    let first = app.get("/api/v1/notes").await.expect(401);
    assert_eq!(first.header("deprecation"), "@1796083200");
    assert_eq!(first.header("sunset"), "Tue, 01 Jun 2027 00:00:00 GMT");
    assert_eq!(first.header("link"), "</api/v2>; rel=\"successor-version\"");
    let document = app.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["paths"]["/api/v1/notes"]["get"]["deprecated"], json!(true));
    assert_eq!(document["paths"]["/api/v1/notes"]["get"]["x-deprecation"]["sunset"], json!("2027-06-01"));
    assert!(document["paths"]["/ready"]["get"]["deprecated"].is_null(), "the root belongs to no version");
    assert_eq!(app.get("/ready").await.header("deprecation"), "");
    // The second version stays, but for one route of its own.
    let stays = app.post("/api/v2/length").body("text/plain", "a").await.expect(200);
    assert_eq!(stays.header("deprecation"), "");
    let goes = app.get("/api/v2/size").await.expect(200);
    assert_eq!(goes.header("deprecation"), "@1795132800");
    assert_eq!(goes.header("link"), "</api/v2/length>; rel=\"successor-version\"");
}

#[tokio::test]
async fn the_viewers_show_every_version() {
    let second = Domain::new("lengths").routes_of(ApiVersion::new(2), |config| {
        config.service(length);
    });
    let app = TestApp::builder().server(notes::server().domain(second)).spawn().await;
    for (page, script) in [("/docs", "/docs/swagger-initializer.js"), ("/redoc", "/redoc/start.js")] {
        let text = app.get(page).await.expect(200).text();
        for link in [format!("<a href=\"{page}\">v1</a>"), format!("<a href=\"{page}?version=v2\">v2</a>")] {
            assert!(text.contains(&link), "{link}: {text}");
        }
        app.get(&format!("{page}?version=v2")).await.expect(200);
        assert!(app.get(script).await.expect(200).text().contains("/openapi/${wanted}.json"));
    }
    let alone = TestApp::builder().server(notes::server()).spawn().await;
    assert!(!alone.get("/docs").await.expect(200).text().contains("nav"));
}
