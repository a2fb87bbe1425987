//! Whatever goes wrong, and whoever raised it, one body of the catalogue comes out.

use actix_web::{http::Method, test::TestRequest};
use palisade_core::ErrorFormat;
use palisade_core::{ErrorKind, error::CATALOGUE};
use palisade_telemetry::metrics::Reading;
use serde_json::{Value, json};

use crate::world::{Answer, World, call, required_header};

/// A request that must fail: method, target, headers, body, status.
type Malformed = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [u8], u16);

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// One of each way that a request can be wrong, and that a handler can go wrong.
const CORPUS: &[Malformed] = &[
    ("GET", "/nowhere", &[], b"", 404),
    ("GET", "/nowhere/%ff?q=%zz", &[], b"", 404),
    ("GET", "//ok", &[], b"", 404),
    ("DELETE", "/ok", &[], b"", 405),
    ("DELETE", "/only-get", &[], b"", 405),
    ("BREW", "/ok", &[], b"", 405),
    ("POST", "/books", &[], b"{}", 415),
    ("POST", "/books", &[("content-type", "text/plain")], b"{}", 415),
    ("POST", "/books", &[FORM], b"title=a", 415),
    ("POST", "/books", &[("content-type", "nonsense")], b"{}", 415),
    ("POST", "/books", &[("content-type", "application/json; charset=utf-16")], b"{}", 415),
    ("POST", "/books", &[JSON, ("content-encoding", "nonsense")], b"{}", 415),
    ("POST", "/books", &[JSON, ("content-encoding", "gzip")], b"{}", 415),
    ("POST", "/books", &[JSON], b"", 400),
    ("POST", "/books", &[JSON], b"{", 400),
    ("POST", "/books", &[JSON], b"{\"title\":\"\xff\"}", 400),
    ("POST", "/books", &[JSON], b"[]", 422),
    ("POST", "/books", &[JSON], b"{}", 422),
    ("POST", "/books", &[JSON], br#"{"title":"\ud800"}"#, 422),
    ("POST", "/books", &[JSON], br#"{"title":"\u0000"}"#, 422),
    ("POST", "/books", &[JSON], br#"{"title":"a","title":"b"}"#, 422),
    ("POST", "/books", &[JSON], &[b' '; 1_001], 413),
    ("POST", "/login", &[FORM], b"title=%zz", 400),
    ("POST", "/login", &[FORM], b"title=%ff", 400),
    ("POST", "/login", &[FORM], b"title=%00", 422),
    ("POST", "/login", &[FORM], b"title=a&other=b", 422),
    ("GET", "/search?title=%", &[], b"", 400),
    ("GET", "/search?title=%ff", &[], b"", 400),
    ("GET", "/search?title=a&title=b", &[], b"", 422),
    ("GET", "/search?pages=x", &[], b"", 422),
    ("GET", "/things/1", &[], b"", 422),
    ("GET", "/things/%00", &[], b"", 422),
    ("PATCH", "/things/01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", &[("if-match", "nonsense")], b"", 400),
    ("PATCH", "/things/01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", &[("if-match", "\"old\"")], b"", 412),
    ("POST", "/theirs/json", &[JSON], b"{", 400),
    ("POST", "/theirs/json", &[JSON], b"{\"number\":\"x\"}", 422),
    ("POST", "/theirs/json", &[], b"{}", 415),
    ("POST", "/theirs/form", &[FORM], b"number=x", 422),
    ("POST", "/theirs/form", &[JSON], b"{}", 415),
    ("GET", "/theirs/query?number=x", &[], b"", 422),
    ("GET", "/theirs/path/x", &[], b"", 404),
    ("POST", "/theirs/text", &[("content-type", "text/plain; charset=nonsense")], b"a", 415),
    ("POST", "/theirs/text", &[("content-type", "text/plain")], b"\xff", 400),
    ("GET", "/panic/7", &[], b"", 500),
    ("GET", "/slow/7", &[], b"", 504),
    ("GET", "/fault", &[], b"", 500),
    ("GET", "/taken", &[], b"", 409),
    ("GET", "/busy", &[], b"", 503),
    ("GET", "/stream", &[], b"", 502),
    ("GET", "/io", &[], b"", 404),
    ("GET", "/described", &[], b"", 422),
    ("GET", "/ok", &[("x-fail-within", "")], b"", 400),
    ("GET", "/status/401", &[], b"", 401),
    ("GET", "/status/406", &[], b"", 406),
    ("GET", "/status/411", &[], b"", 400),
    ("GET", "/status/414", &[], b"", 414),
    ("GET", "/status/429", &[], b"", 429),
    ("GET", "/status/500", &[], b"", 500),
    ("GET", "/status/503", &[], b"", 503),
    ("GET", "/status/599", &[], b"", 500),
];

/// What would tell of the inside.
const INTERNALS: &[&str] = &[
    "actix",
    "palisade",
    "serde",
    "src/",
    ".rs",
    "SELECT",
    "secret",
    "column",
    "deserialize",
    "expected",
    "u32",
    "struct",
    "Payload(",
    "inner layer",
    "thread",
    "panick",
];

async fn answer(
    world: &World,
    (method, target, headers, body, _): Malformed,
    accept: Option<&str>,
) -> Answer {
    let mut request = TestRequest::with_uri(target)
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .set_payload(body);
    if !body.is_empty() {
        request = request.insert_header(("content-length", body.len()));
    }
    for header in headers.iter().copied().chain(accept.map(|accept| ("accept", accept))) {
        request = request.append_header(header);
    }
    call(world, request).await
}

fn assert_safe(answer: &Answer, case: &Malformed) {
    let text = std::str::from_utf8(&answer.body).unwrap();
    for word in INTERNALS {
        assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{case:?} tells {word:?}: {text}");
    }
}

fn assert_headers(answer: &Answer, kind: ErrorKind, case: &Malformed) {
    assert!(answer.header("x-process-time").is_some(), "{case:?}");
    assert!(answer.header("vary").is_some_and(|vary| vary.contains("accept")), "{case:?} {answer:?}");
    if let Some(name) = required_header(kind) {
        assert!(answer.header(name).is_some(), "{case:?} comes without {name}");
    }
}

#[actix_web::test]
async fn every_failure_is_an_envelope_of_the_catalogue() {
    let world = World::default();
    for case in CORPUS {
        let answer = answer(&world, *case, None).await;
        assert_eq!(answer.status, case.4, "{case:?} {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{case:?}");
        let json = answer.json();
        assert_eq!(names(&json), ["error"]);
        assert_eq!(names(&json["error"]), ["code", "details", "message", "request_id"], "{case:?}");
        assert_eq!(json["error"]["request_id"].as_str(), answer.header("x-request-id"), "{case:?}");
        let kind = kind_of(&json["error"]["code"], answer.status, case);
        assert_headers(&answer, kind, case);
        assert_safe(&answer, case);
    }
}

#[actix_web::test]
async fn every_failure_is_a_problem_of_the_catalogue() {
    let world = World::default();
    for case in CORPUS {
        let answer = answer(&world, *case, Some("application/problem+json")).await;
        assert_eq!(answer.status, case.4, "{case:?} {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{case:?}");
        let json = answer.json();
        let kind = kind_of(&json["code"], answer.status, case);
        assert_eq!(json["type"], format!("/errors/{}", kind.slug()), "{case:?}");
        assert_eq!(json["title"], kind.entry().title, "{case:?}");
        assert_eq!(json["status"], answer.status, "{case:?}");
        assert_eq!(json["request_id"].as_str(), answer.header("x-request-id"), "{case:?}");
        assert!(json["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{case:?}");
        assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{case:?}");
        assert!(!json["instance"].as_str().unwrap().contains('?'), "{case:?}");
        assert_headers(&answer, kind, case);
        assert_safe(&answer, case);
    }
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn kind_of(code: &Value, status: u16, case: &Malformed) -> ErrorKind {
    let entry =
        CATALOGUE.iter().find(|entry| *code == entry.code).unwrap_or_else(|| panic!("{case:?}: {code}"));
    assert!(entry.status == status || entry.also.contains(&status), "{case:?}: {code} with {status}");
    entry.kind
}

#[actix_web::test]
async fn the_setting_decides_where_accept_does_not() {
    let world = World { format: ErrorFormat::Problem, ..World::default() };
    for (accept, media_type) in [
        ("*/*", "application/problem+json"),
        ("text/html", "application/problem+json"),
        ("application/json", "application/json"),
        ("application/problem+json;q=0", "application/json"),
    ] {
        let request = TestRequest::with_uri("/nowhere").insert_header(("accept", accept));
        assert_eq!(call(&world, request).await.header("content-type"), Some(media_type), "{accept}");
    }
}

#[actix_web::test]
async fn reasons_and_fields_are_told() {
    let world = World::default();
    let taken = call(&world, TestRequest::with_uri("/taken")).await;
    assert_eq!(taken.json()["error"]["details"], json!({"reason": "users.email_taken"}));
    assert_eq!(taken.json()["error"]["message"], "The e-mail address is taken");
    let described = call(&world, TestRequest::with_uri("/described")).await;
    assert_eq!(described.fields(), [("/title".to_owned(), "too_long".to_owned())]);
}

#[actix_web::test]
async fn the_headers_of_the_original_survive_and_those_of_its_body_do_not() {
    let world = World::default();
    let get = |target: &str| TestRequest::with_uri(target);
    assert_eq!(call(&world, get("/busy")).await.header("retry-after"), Some("7"));
    assert_eq!(call(&world, get("/described")).await.header("x-hint"), Some("kept"));
    assert_eq!(call(&world, get("/status/401")).await.header("www-authenticate"), Some("Bearer"));
    assert_eq!(call(&world, get("/status/403")).await.header("set-cookie"), Some("a=b"));
    let delete = TestRequest::with_uri("/only-get").method(Method::DELETE);
    assert_eq!(call(&world, delete).await.header("allow"), Some("GET"));
    let streamed = call(&world, get("/stream")).await;
    assert_eq!((streamed.header("content-encoding"), streamed.header("etag")), (None, None));
    assert_eq!(streamed.code(), "upstream_error");
}

#[actix_web::test]
async fn what_is_no_failure_is_left_alone() {
    let world = World::default();
    for (target, status, body) in [
        ("/ok", 200, r#"{"fine":true}"#),
        ("/kept", 503, r#"{"status":"fail"}"#),
        ("/status/302", 302, "an answer of src/secret.rs"),
    ] {
        let answer = call(&world, TestRequest::with_uri(target)).await;
        assert_eq!((answer.status, &answer.body[..]), (status, body.as_bytes()), "{target}");
    }
}

#[actix_web::test]
async fn debug_mode_shows_the_causes_of_faults() {
    let world = World { show_causes: true, ..World::default() };
    let fault = call(&world, TestRequest::with_uri("/fault")).await;
    assert!(fault.json()["error"]["details"]["causes"].to_string().contains("SELECT secret"), "{fault:?}");
    let panic = call(&world, TestRequest::with_uri("/panic/7")).await;
    assert!(panic.json()["error"]["details"]["causes"].to_string().contains("the secret of the handler"));
    let refusal = call(&world, TestRequest::with_uri("/io")).await;
    assert_eq!(refusal.json()["error"]["details"], Value::Null);
}

#[actix_web::test]
async fn failures_are_counted_by_kind() {
    let world = World::default();
    for target in ["/nowhere", "/io", "/fault", "/ok", "/kept", "/panic/7"] {
        call(&world, TestRequest::with_uri(target)).await;
    }
    let counted = |name: &str| {
        let families = world.registry.read();
        let family = families.into_iter().find(|family| family.declaration.name == name).unwrap();
        let series = family.series.into_iter();
        series.map(|series| (series.labels.join(" "), series.value)).collect::<Vec<_>>()
    };
    let count = |labels: &str, count: f64| (labels.to_owned(), Reading::Counter(count));
    assert_eq!(counted("errors_total"), [count("internal_error 500", 2.0), count("not_found 404", 2.0)]);
    assert_eq!(counted("exceptions_unhandled_total"), [count("error", 1.0), count("panic", 1.0)]);
}

#[actix_web::test]
async fn the_instance_is_the_path_made_safe() {
    let request = TestRequest::with_uri("/no/\"where\"?token=secret")
        .insert_header(("accept", "application/problem+json"));
    assert_eq!(call(&World::default(), request).await.json()["instance"], "/no/%22where%22");
}
