//! Versions of the API side by side.

use actix_web::{HttpResponse, get};
use palisade_server::{ApiVersion, Domain};
use palisade_testkit::TestApp;

use crate::notes;

#[utoipa::path(security(("bearer" = [])), responses((status = 200)))]
#[get("/notes")]
async fn list_of_version_2() -> HttpResponse {
    HttpResponse::Ok().body("second")
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
