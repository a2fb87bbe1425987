//! The API document, its viewers, the pages about errors.

use actix_web::{
    App, HttpResponse, get,
    http::Method,
    patch,
    test::{TestRequest, call_and_read_body, call_service, init_service},
};
use palisade_core::{
    ErrorKind,
    error::{CATALOGUE, Reason},
};
use palisade_http::{Layer as _, coders::Coders, compression::Compression, routes::Access};
use palisade_openapi::{About, Documents, ErrorPages, finish, route_table};
use serde_json::{Value, json};
use utoipa::{ToSchema, openapi::OpenApi};
use utoipa_actix_web::{AppExt as _, scope};

#[derive(ToSchema)]
struct Book {
    #[expect(dead_code, reason = "only stands in the document")]
    title: String,
}

#[utoipa::path(security(()), responses((status = 200, description = "All is well")))]
#[get("/health")]
async fn health() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(
    security(("bearer" = ["books:write"])),
    params(("id" = String, Path)),
    request_body = Book,
    responses(
        (status = 200, description = "Changed", body = Book),
        (status = 412, description = "Somebody was faster"),
        (status = 422, description = "Not a title")
    )
)]
#[patch("/books/{id}")]
async fn change_book() -> HttpResponse {
    HttpResponse::Ok().finish()
}

const REASON: Reason = Reason { name: "books.taken", kind: ErrorKind::Conflict, meaning: "Somebody has it" };

fn finished() -> OpenApi {
    finished_with_license("MIT")
}

fn finished_with_license(license: &str) -> OpenApi {
    let (_, openapi) = App::new()
        .into_utoipa_app()
        .configure(|config| ErrorPages::new("Books", &[REASON]).configure(config))
        .service(scope("/api/v1").service(health).service(change_book))
        .split_for_parts();
    let about = About {
        title: "Books",
        version: "1.2.3",
        environment: "production",
        license,
        tags: &[("errors", "What each error means.")],
        reasons: &[REASON],
        login: "/api/v1/auth/login",
        idempotency_keys: true,
    };
    finish(openapi, &about)
}

async fn fetch(request: TestRequest) -> (u16, actix_web::http::header::HeaderMap, Vec<u8>) {
    let documents = Documents::new(&finished()).unwrap();
    let (app, _) = App::new()
        .into_utoipa_app()
        .configure(|config| ErrorPages::new("Books", &[REASON]).configure(config))
        .map(|app| app.configure(|config| documents.configure(config)))
        .split_for_parts();
    let app = init_service(app.wrap(Compression::new(Coders::default()).layered())).await;
    let response = call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
    (status, headers, body.to_vec())
}

async fn page(target: &str) -> String {
    let (status, _, body) = fetch(TestRequest::with_uri(target)).await;
    assert_eq!(status, 200, "{target}");
    String::from_utf8(body).unwrap()
}

#[test]
fn the_document_names_the_api_and_its_schemes() {
    let json = serde_json::to_value(finished()).unwrap();
    assert_eq!(json["openapi"], "3.1.0");
    assert_eq!((&json["info"]["title"], &json["info"]["version"]), (&json!("Books"), &json!("1.2.3")));
    assert_eq!(json["info"]["license"], json!({"name": "MIT", "identifier": "MIT"}));
    let unlicensed = serde_json::to_value(finished_with_license("")).unwrap();
    assert!(unlicensed["info"].get("license").is_none());
    let schemes = &json["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    let flow = &schemes["oauth2"]["flows"]["password"];
    assert_eq!(*flow, json!({"tokenUrl": "/api/v1/auth/login", "scopes": {"books:write": "books:write"}}));
}

#[test]
fn each_operation_lists_what_it_can_fail_with_in_both_forms() {
    let json = serde_json::to_value(finished()).unwrap();
    let statuses =
        |operation: &Value| operation["responses"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let paths = &json["paths"];
    assert_eq!(statuses(&paths["/api/v1/health"]["get"]), ["200", "400", "429", "500", "503", "504"]);
    let change = &paths["/api/v1/books/{id}"]["patch"];
    let wanted = [
        "200", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "500", "503",
        "504",
    ];
    assert_eq!(statuses(change), wanted);
    for status in wanted.into_iter().skip(1) {
        let response = resolved(&json, &change["responses"][status]);
        for media_type in ["application/json", "application/problem+json"] {
            let schema = resolved(&json, &response["content"][media_type]["schema"]);
            assert!(schema["properties"].is_object(), "{status} {media_type}: {response}");
        }
    }
    assert_eq!(change["responses"]["412"]["description"], "Somebody was faster");
    assert_eq!(change["responses"]["422"]["description"], "Not a title");
}

#[test]
fn every_reference_leads_somewhere() {
    let json = serde_json::to_value(finished()).unwrap();
    let mut references = Vec::new();
    collect(&json, &mut references);
    assert!(references.len() > 10);
    for reference in references {
        assert!(json.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

#[test]
fn finishing_a_document_changes_nobody_s_access() {
    let table = route_table(&finished());
    assert_eq!(*table.access(&Method::GET, "/api/v1/health"), Access::Public);
    let permissions = Access::Caller(vec!["books:write".to_owned()]);
    assert_eq!(*table.access(&Method::PATCH, "/api/v1/books/{id}"), permissions);
    assert_eq!(*Documents::declare(table, &[]).access(&Method::GET, "/docs"), Access::Public);
}

#[test]
fn the_schema_of_an_error_is_what_is_sent() {
    let json = serde_json::to_value(finished()).unwrap();
    let schemas = &json["components"]["schemas"];
    let required = |name: &str| {
        let mut names: Vec<_> =
            schemas[name]["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(required("ErrorEnvelope"), ["error"]);
    assert_eq!(
        required("Problem"),
        ["code", "detail", "instance", "request_id", "status", "timestamp", "title", "type"]
    );
    assert!(schemas["ErrorBody"]["properties"]["details"].is_object(), "{schemas}");
}

#[actix_web::test]
async fn the_pages_ask_no_other_host_for_anything() {
    for target in ["/docs", "/docs/", "/redoc", "/errors", "/errors/not-found"] {
        let (status, headers, body) = fetch(TestRequest::with_uri(target)).await;
        assert_eq!(status, 200, "{target}");
        assert!(headers.get("content-type").unwrap().to_str().unwrap().starts_with("text/html"), "{target}");
        assert!(
            headers.get("content-security-policy").unwrap().to_str().unwrap().contains("default-src 'none'")
        );
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains("://") && !text.contains("=\"//"), "{target}: {text}");
    }
}

#[actix_web::test]
async fn every_file_that_a_page_names_is_there() {
    for target in ["/docs", "/redoc"] {
        let text = page(target).await;
        let names = text.split(['"']).filter(|part| part.starts_with('/'));
        let mut found = 0;
        for name in names {
            let (status, _, body) = fetch(TestRequest::with_uri(name)).await;
            assert_eq!(status, 200, "{name}");
            assert!(!body.is_empty(), "{name}");
            found += 1;
        }
        assert!(found >= 2, "{target}");
    }
}

#[actix_web::test]
async fn swagger_ui_shows_this_document_and_asks_no_validator() {
    let script = page("/docs/swagger-initializer.js").await;
    assert!(script.contains("\"/openapi.json\""), "{script}");
    assert!(script.contains("validatorUrl: \"none\""), "{script}");
    assert_eq!(fetch(TestRequest::with_uri("/docs/nothing.js")).await.0, 404);
    assert_eq!(fetch(TestRequest::with_uri("/docs/..%2fCargo.toml")).await.0, 404);
}

#[actix_web::test]
async fn a_viewer_names_the_api_in_the_browser_s_tab() {
    assert!(page("/docs").await.contains("<title>API documentation – Books</title>"));
    assert!(page("/redoc").await.contains("<title>API reference – Books</title>"));
    assert!(page("/errors").await.contains("<title>Errors – Books</title>"));
}

#[actix_web::test]
async fn the_viewer_is_sent_compressed_to_those_who_take_it() {
    let target = "/redoc/redoc.standalone.js";
    let (_, headers, small) =
        fetch(TestRequest::with_uri(target).insert_header(("accept-encoding", "gzip"))).await;
    assert_eq!(headers.get("content-encoding").unwrap(), "gzip");
    let (_, headers, large) = fetch(TestRequest::with_uri(target)).await;
    assert!(!headers.contains_key("content-encoding"));
    assert!(small.len() * 2 < large.len());
    let text = String::from_utf8(large).unwrap();
    assert!(text.contains("Redoc") && !text.contains("cdn.redoc"));
}

#[actix_web::test]
async fn what_the_client_has_is_not_sent_again() {
    for target in ["/openapi.json", "/redoc/redoc.standalone.js", "/docs/swagger-ui.css", "/errors/conflict"]
    {
        let (_, headers, _) = fetch(TestRequest::with_uri(target)).await;
        let tag = headers.get("etag").unwrap().to_str().unwrap().to_owned();
        let (status, _, body) =
            fetch(TestRequest::with_uri(target).insert_header(("if-none-match", tag))).await;
        assert_eq!((status, body.len()), (304, 0), "{target}");
    }
}

#[actix_web::test]
async fn each_error_has_its_page() {
    let index = page("/errors").await;
    for entry in CATALOGUE {
        let target = format!("/errors/{}", entry.kind.slug());
        assert!(index.contains(&target), "{target}");
        assert!(page(&target).await.contains(entry.code), "{target}");
    }
    assert!(page("/errors/conflict").await.contains("books.taken"));
    for slug in ["nothing", "not_found", "%3Cscript%3E", ""] {
        assert_eq!(fetch(TestRequest::with_uri(&format!("/errors/{slug}"))).await.0, 404, "{slug}");
    }
}

#[actix_web::test]
async fn the_document_is_served_as_it_was_finished() {
    let app = init_service({
        let documents = Documents::new(&finished()).unwrap();
        App::new().configure(move |config| documents.configure(config))
    })
    .await;
    let body = call_and_read_body(&app, TestRequest::with_uri("/openapi.json").to_request()).await;
    let served: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(served, serde_json::to_value(finished()).unwrap());
}
