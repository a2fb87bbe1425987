//! Deprecated routes say so on each of their answers.

use actix_web::{
    App, HttpResponse,
    dev::ServiceRequest,
    http::{Method, header::LINK},
    test::{TestRequest, init_service, try_call_service},
    web,
};
use palisade_core::{Error, Kind};
use palisade_http::{
    Layer, Rejection,
    deprecation::Deprecations,
    layer::{Next, Outcome, refuse},
};
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

/// Refuses whatever asks for it.
struct Inner;

impl Layer for Inner {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        if request.headers().contains_key("x-refuse") {
            return refuse(request, Kind::Unauthorized);
        }
        next.call(request).await
    }
}

/// The status and the three headers of an answer.
async fn ask(request: TestRequest) -> (u16, [Option<String>; 3]) {
    let layer = Deprecations::from_openapi(&good(), "/api/v1").unwrap().layer();
    let answer = |id: web::Path<String>| async move {
        match id.as_str() {
            "0" => Err(Rejection::from(Error::not_found("None"))),
            _ => Ok(HttpResponse::Ok().insert_header((LINK, "</own>; rel=\"self\"")).finish()),
        }
    };
    let app = App::new()
        .route("/old/new", web::get().to(|| async { "another route" }))
        .route("/old/{id}", web::get().to(answer))
        .route("/old/{id}", web::post().to(|| async { "fine" }))
        .wrap(layer.then(Inner).layered());
    let app = init_service(app).await;
    let response = try_call_service(&app, request.to_request()).await.unwrap();
    let header = |name: &str| {
        let values: Vec<_> = response.headers().get_all(name).map(|value| value.to_str().unwrap()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    (response.status().as_u16(), ["deprecation", "sunset", "link"].map(header))
}

fn announced(own_links: &str) -> [Option<String>; 3] {
    let link = format!("{own_links}</api/v1/new>; rel=\"successor-version\"");
    [Some("@1795132800".to_owned()), Some("Tue, 01 Jun 2027 00:00:00 GMT".to_owned()), Some(link)]
}

#[actix_web::test]
async fn every_answer_of_the_route_announces_it() {
    let own = "</own>; rel=\"self\", ";
    assert_eq!(ask(TestRequest::get().uri("/old/1")).await, (200, announced(own)));
    assert_eq!(ask(TestRequest::get().uri("/%6Fld/1")).await, (200, announced(own)));
    assert_eq!(ask(TestRequest::get().uri("/old/0")).await, (404, announced("")));
    let refused = TestRequest::get().uri("/old/1").insert_header(("x-refuse", "1"));
    assert_eq!(ask(refused).await, (401, announced("")));
}

#[actix_web::test]
async fn no_other_answer_does() {
    for (method, path, status) in [
        (Method::GET, "/old/new", 200),
        (Method::POST, "/old/1", 200),
        (Method::GET, "/old/1/2", 404),
        (Method::GET, "/x", 404),
    ] {
        let answer = ask(TestRequest::default().method(method).uri(path)).await;
        assert_eq!(answer, (status, [None, None, None]), "{path}");
    }
}

#[test]
fn what_is_declared_can_be_listed() {
    let deprecations = Deprecations::from_openapi(&good(), "/api/v1").unwrap();
    let found = deprecations.get(&Method::HEAD, "/old/{id}").unwrap();
    assert_eq!(found.since.to_string(), "2026-11-20");
    assert_eq!(found.successor.as_deref(), Some("/api/v1/new"));
    assert!(deprecations.get(&Method::POST, "/old/{id}").is_none());
    assert!(Deprecations::default().layer().is_none());
}

#[test]
fn a_route_that_is_marked_must_say_since_when() {
    let error = Deprecations::from_openapi(&documents::Unsaid::openapi(), "/api/v1").unwrap_err();
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
    let error = Deprecations::from_openapi(&openapi, "/api/v1").unwrap_err().to_string();
    assert!(error.starts_with("the deprecation of GET /old/{id} cannot be read"), "{error}");
}
