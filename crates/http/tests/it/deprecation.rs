//! Deprecated routes say so on each of their answers.

use actix_web::{
    App, HttpResponse,
    dev::ServiceRequest,
    http::{Method, header::LINK},
    test::{TestRequest, init_service, try_call_service},
    web,
};
use palisade_core::{Error, ErrorKind};
use palisade_http::{
    Layer, Rejection,
    deprecation::{Deprecation, Deprecations},
    layer::{Next, Outcome, refuse},
};

fn deprecations() -> Deprecations {
    let day = |text: &str| text.parse().unwrap();
    let deprecation =
        Deprecation::new(day("2026-11-20"), Some(day("2027-06-01")), Some("/api/v1/new")).unwrap();
    Deprecations::default().with(Method::GET, "/old/{id}", deprecation)
}

/// Refuses whatever asks for it.
struct Inner;

impl Layer for Inner {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        if request.headers().contains_key("x-refuse") {
            return refuse(request, ErrorKind::Unauthorized);
        }
        next.call(request).await
    }
}

/// The status and the three headers of an answer.
async fn ask(request: TestRequest) -> (u16, [Option<String>; 3]) {
    let layer = deprecations().layer();
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
fn head_is_deprecated_with_get() {
    let deprecations = deprecations();
    let found = deprecations.get(&Method::HEAD, "/old/{id}").unwrap();
    assert_eq!(found.successor.as_deref(), Some("/api/v1/new"));
    assert!(deprecations.get(&Method::POST, "/old/{id}").is_none());
    assert!(Deprecations::default().layer().is_none());
}
