//! Versions of the API side by side.

use actix_web::{HttpResponse, get, post};
use palisade_server::{ApiVersion, Domain};
use palisade_testkit::TestApp;

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
