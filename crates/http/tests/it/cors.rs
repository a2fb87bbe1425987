//! Cross-origin requests, by the rules of the Fetch standard.

use std::time::Duration;

use actix_web::{
    App, HttpResponse,
    dev::ServiceResponse,
    error::ErrorImATeapot,
    http::{Method, StatusCode, header::HeaderMap},
    test::{TestRequest, init_service, try_call_service},
    web,
};
use futures_util::FutureExt as _;
use palisade_http::{
    Layer as _,
    cors::{Cors, InvalidCors, Origins},
};

const OURS: &str = "https://app.example.com";
const FOREIGN: &str = "https://evil.example";

fn cors() -> Cors {
    Cors::new(Origins::parse(&[OURS, "http://localhost:3000"]).unwrap()).with_credentials().unwrap()
}

async fn call(cors: &Cors, request: TestRequest) -> (u16, HeaderMap) {
    let app = App::new()
        .route(
            "/status/{status}",
            web::to(|status: web::Path<u16>| async move {
                HttpResponse::build(StatusCode::from_u16(*status).unwrap())
                    .insert_header(("vary", "accept"))
                    .finish()
            }),
        )
        .route("/panics", web::to(panics))
        .wrap(cors.headers().then(cors.preflights()).layered());
    let app = init_service(app).await;
    let response = try_call_service(&app, request.to_request()).await.unwrap();
    (response.status().as_u16(), response.headers().clone())
}

async fn panics() -> HttpResponse {
    panic!("reached")
}

fn preflight(origin: &str, target: &str) -> TestRequest {
    TestRequest::with_uri(target)
        .method(Method::OPTIONS)
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "PATCH"))
        .insert_header(("access-control-request-headers", "authorization,content-type"))
}

fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn permissions(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("access-control-")).collect()
}

fn varies_by(headers: &HeaderMap, name: &str) -> bool {
    let lines = headers.get_all("vary").map(|line| line.to_str().unwrap());
    lines.flat_map(|line| line.split(',')).any(|part| part.trim() == name)
}

#[actix_web::test]
async fn an_allowed_origin_may_read_every_answer() {
    for status in [200, 204, 304, 400, 404, 429, 500, 503] {
        for origin in [OURS, "http://localhost:3000"] {
            let request =
                TestRequest::with_uri(&format!("/status/{status}")).insert_header(("origin", origin));
            let (_, headers) = call(&cors(), request).await;
            assert_eq!(get(&headers, "access-control-allow-origin"), Some(origin), "{status}");
            assert_eq!(get(&headers, "access-control-allow-credentials"), Some("true"), "{status}");
            let exposed = get(&headers, "access-control-expose-headers").unwrap();
            for name in
                ["x-request-id", "retry-after", "etag", "location", "ratelimit", "x-ratelimit-remaining"]
            {
                assert!(exposed.split(", ").any(|part| part == name), "{name} in {exposed}");
            }
            assert!(varies_by(&headers, "origin") && varies_by(&headers, "accept"), "{headers:?}");
        }
    }
    let (status, headers) =
        call(&cors(), TestRequest::with_uri("/nowhere").insert_header(("origin", OURS))).await;
    assert_eq!((status, get(&headers, "access-control-allow-origin")), (404, Some(OURS)));
}

#[actix_web::test]
async fn any_other_origin_gets_no_permission_at_all() {
    for target in ["/status/200", "/status/404", "/status/503", "/nowhere"] {
        for origin in
            [FOREIGN, "null", "", "https://app.example.com.evil.example", "http://app.example.com", "*"]
        {
            let (_, headers) =
                call(&cors(), TestRequest::with_uri(target).insert_header(("origin", origin))).await;
            assert_eq!(permissions(&headers), [""; 0], "{origin}");
            assert!(varies_by(&headers, "origin"), "{origin}");
            let (status, headers) = call(&cors(), preflight(origin, target)).await;
            assert_eq!((status, permissions(&headers)), (204, vec![]), "{origin}");
        }
        let two =
            TestRequest::with_uri(target).append_header(("origin", OURS)).append_header(("origin", FOREIGN));
        assert_eq!(permissions(&call(&cors(), two).await.1), [""; 0]);
        let (_, headers) = call(&cors(), TestRequest::with_uri(target)).await;
        assert_eq!(permissions(&headers), [""; 0]);
        assert!(varies_by(&headers, "origin"), "a cache must not give this to another origin");
    }
}

#[actix_web::test]
async fn a_preflight_is_answered_here_and_alike_for_every_path() {
    let (status, known) = call(&cors(), preflight(OURS, "/panics")).await;
    assert_eq!(status, 204);
    assert_eq!(get(&known, "access-control-allow-origin"), Some(OURS));
    assert_eq!(get(&known, "access-control-allow-credentials"), Some("true"));
    assert_eq!(get(&known, "access-control-max-age"), Some("600"));
    let methods = get(&known, "access-control-allow-methods").unwrap();
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(methods.split(", ").any(|part| part == method), "{method} in {methods}");
    }
    // With credentials `*` is no wildcard (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials).
    let headers = get(&known, "access-control-allow-headers").unwrap();
    for header in ["authorization", "content-type", "if-match", "idempotency-key", "x-request-id"] {
        assert!(headers.split(", ").any(|part| part == header), "{header} in {headers}");
    }
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        assert!(varies_by(&known, name), "{name}");
    }
    let (_, unknown) = call(&cors(), preflight(OURS, "/nowhere")).await;
    assert_eq!(format!("{:?}", sorted(&unknown)), format!("{:?}", sorted(&known)));
}

fn sorted(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    lines.sort();
    lines
}

#[actix_web::test]
async fn an_options_request_that_asks_nothing_goes_on() {
    for request in [
        TestRequest::with_uri("/status/405").method(Method::OPTIONS).insert_header(("origin", OURS)),
        TestRequest::with_uri("/status/405")
            .method(Method::OPTIONS)
            .insert_header(("access-control-request-method", "GET")),
        preflight(OURS, "/status/405").method(Method::POST),
    ] {
        assert_eq!(call(&cors(), request).await.0, 405);
    }
}

#[actix_web::test]
async fn any_origin_is_a_star_and_never_with_credentials() {
    let cors = Cors::new(Origins::parse(&["*"]).unwrap());
    assert_eq!(cors.clone().with_credentials().err(), Some(InvalidCors::AnyOriginWithCredentials));
    let (_, headers) =
        call(&cors, TestRequest::with_uri("/status/200").insert_header(("origin", FOREIGN))).await;
    assert_eq!(get(&headers, "access-control-allow-origin"), Some("*"));
    assert_eq!(get(&headers, "access-control-allow-credentials"), None);
    assert!(!varies_by(&headers, "origin"));
    let (_, headers) = call(&cors, TestRequest::with_uri("/status/200")).await;
    assert_eq!(permissions(&headers), [""; 0]);
}

#[actix_web::test]
async fn headers_and_patience_can_be_chosen() {
    let cors = cors().allow_headers(&["X-One", "x-two"]).unwrap().remembered_for(Duration::from_secs(5));
    let (_, headers) = call(&cors, preflight(OURS, "/")).await;
    assert_eq!(get(&headers, "access-control-allow-headers"), Some("x-one, x-two"));
    assert_eq!(get(&headers, "access-control-max-age"), Some("5"));
    for name in ["*", "", "a b", "é"] {
        assert_eq!(
            cors.clone().allow_headers(&["x-one", name]).err(),
            Some(InvalidCors::Header(name.to_owned()))
        );
    }
}

#[actix_web::test]
async fn an_error_of_somebody_else_may_be_read_too() {
    let app = App::new()
        .wrap_fn(|_, _| async { Err::<ServiceResponse, _>(ErrorImATeapot("foreign")) }.boxed_local())
        .wrap(cors().headers().layered());
    let app = init_service(app).await;
    let request = TestRequest::default().insert_header(("origin", OURS)).to_request();
    let error = try_call_service(&app, request).await.err().unwrap();
    assert_eq!(get(error.error_response().headers(), "access-control-allow-origin"), Some(OURS));
}
