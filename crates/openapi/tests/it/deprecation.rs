//! Deprecated routes in the API document.

use actix_web::http::Method;
use palisade_openapi::deprecations;
use serde_json::json;
use utoipa::{OpenApi as _, openapi::OpenApi};

#[utoipa::path(
    get, path = "/old/{id}",
    extensions(("x-deprecation" = json!({"since": "2026-11-20", "sunset": "2027-06-01", "successor": "new"}))),
    responses((status = 200, description = "Fine"))
)]
#[deprecated]
#[expect(dead_code, reason = "only its description is used")]
fn old() {}

#[utoipa::path(post, path = "/old/{id}", responses((status = 200, description = "Fine")))]
#[expect(dead_code, reason = "only its description is used")]
fn current() {}

#[utoipa::path(get, path = "/marked", responses((status = 200, description = "Fine")))]
#[deprecated]
#[expect(dead_code, reason = "only its description is used")]
fn marked() {}

mod documents {
    use super::{__path_current, __path_marked, __path_old};

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(old, current))]
    pub(super) struct Good;

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(marked))]
    pub(super) struct Unsaid;
}

fn good() -> OpenApi {
    documents::Good::openapi()
}

#[test]
fn what_is_declared_can_be_listed() {
    let found = deprecations(&good(), "/api/v1").unwrap();
    let old = found.get(&Method::HEAD, "/old/{id}").unwrap();
    assert_eq!(old.since.to_string(), "2026-11-20");
    assert_eq!(old.successor.as_deref(), Some("/api/v1/new"));
    assert!(found.get(&Method::POST, "/old/{id}").is_none());
}

#[test]
fn a_route_that_is_marked_must_say_since_when() {
    let error = deprecations(&documents::Unsaid::openapi(), "/api/v1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the deprecation of GET /marked is marked, but has no x-deprecation that says since when"
    );
}

#[test]
fn a_declaration_that_cannot_be_read_names_its_route() {
    let mut openapi = good();
    for operation in openapi.paths.paths.get_mut("/old/{id}").unwrap().get.iter_mut() {
        operation.extensions.as_mut().unwrap().insert("x-deprecation".to_owned(), json!({"since": "soon"}));
    }
    let error = deprecations(&openapi, "/api/v1").unwrap_err().to_string();
    assert!(error.starts_with("the deprecation of GET /old/{id} cannot be read"), "{error}");
}
