//! Compressed responses: which, how, and what their headers say.

use std::io::Read as _;

use actix_web::{
    App, HttpRequest, HttpResponse,
    body::to_bytes,
    dev::ServiceResponse,
    http::{StatusCode, header::HeaderMap},
    test::{TestRequest, call_service, init_service},
    web::{self, Bytes},
};
use futures_util::{StreamExt as _, stream};
use palisade_http::{
    ETag, Layer as _,
    coders::Coders,
    compression::Compression,
    extract::{IfMatch, IfNoneMatch},
    head::Head,
};

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    async fn of(response: ServiceResponse) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: to_bytes(response.into_body()).await.ok().unwrap() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as it was before it was compressed.
    fn decoded(&self) -> Vec<u8> {
        let (data, mut decoded) = (&*self.body, Vec::new());
        match self.header("content-encoding") {
            "gzip" => drop(flate2::read::GzDecoder::new(data).read_to_end(&mut decoded).unwrap()),
            "br" => brotli::BrotliDecompress(&mut &*data, &mut decoded).unwrap(),
            "zstd" => zstd::stream::copy_decode(data, &mut decoded).unwrap(),
            _ => decoded.extend_from_slice(data),
        }
        decoded
    }
}

async fn call(request: TestRequest) -> Answer {
    let app = App::new()
        .route("/sized/{length}", web::get().to(sized))
        .route("/as/{name}", web::get().to(special))
        .route("/stream", web::get().to(streamed))
        .route("/resource", web::get().to(read))
        .route("/resource", web::patch().to(change))
        .wrap(Head.then(Compression::new(Coders::default())).layered());
    Answer::of(call_service(&init_service(app).await, request.to_request()).await).await
}

async fn get(path: &str, accept: &str) -> Answer {
    call(TestRequest::with_uri(path).insert_header(("accept-encoding", accept))).await
}

async fn sized(length: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body("x".repeat(*length))
}

async fn special(name: web::Path<String>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("text/plain");
    match name.as_str() {
        "secret" => response.insert_header(("cache-control", "no-store")),
        "untouchable" => response.insert_header(("cache-control", "public, no-transform")),
        "encoded" => response.insert_header(("content-encoding", "br")),
        "part" => response.status(StatusCode::PARTIAL_CONTENT),
        "picture" => response.content_type("image/png"),
        "events" => response.content_type("text/event-stream"),
        _ => response.status(StatusCode::NOT_FOUND),
    };
    response.body("x".repeat(2_000))
}

async fn streamed() -> HttpResponse {
    let chunks = stream::iter(0..100).map(|_| Ok::<_, actix_web::Error>(Bytes::from_static(&[b'x'; 100])));
    HttpResponse::Ok().content_type("text/plain").streaming(chunks)
}

fn tag() -> ETag {
    ETag::of("state")
}

async fn read(held: IfNoneMatch) -> HttpResponse {
    if held.has(&tag()) {
        return HttpResponse::NotModified().insert_header(tag()).finish();
    }
    HttpResponse::Ok().content_type("text/plain").insert_header(tag()).body("x".repeat(2_000))
}

async fn change(_: HttpRequest, expected: IfMatch) -> palisade_http::Result<HttpResponse> {
    expected.check(&tag())?;
    Ok(HttpResponse::NoContent().finish())
}

#[actix_web::test]
async fn the_client_s_favourite_is_used_from_a_size_on() {
    for (accept, coding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=0.9, br;q=0.8", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("deflate", ""),
    ] {
        let answer = get("/sized/5000", accept).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accept}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{accept}");
        assert_eq!(answer.decoded(), vec![b'x'; 5_000], "{accept}");
    }
    assert_eq!(get("/sized/1000", "gzip").await.header("content-encoding"), "gzip");
    for small in [0, 1, 999] {
        let answer = get(&format!("/sized/{small}"), "gzip").await;
        assert_eq!((answer.body.len(), answer.header("vary")), (small, ""), "{small}");
    }
}

#[actix_web::test]
async fn who_does_not_ask_gets_it_as_it_is_and_caches_are_told() {
    let answer = call(TestRequest::with_uri("/sized/5000")).await;
    assert_eq!((answer.body.len(), answer.header("content-encoding")), (5_000, ""));
    assert_eq!(answer.header("vary"), "accept-encoding");
}

#[actix_web::test]
async fn a_stream_is_compressed_as_it_comes() {
    let answer = get("/stream", "br").await;
    assert_eq!(answer.header("content-encoding"), "br");
    assert!(answer.body.len() < 1_000);
    assert_eq!(answer.decoded().len(), 10_000);
}

#[actix_web::test]
async fn some_responses_are_never_touched() {
    for name in ["secret", "untouchable", "part", "picture", "events", "missing"] {
        let answer = get(&format!("/as/{name}"), "gzip").await;
        assert_eq!((answer.header("content-encoding"), answer.body.len()), ("", 2_000), "{name}");
    }
    assert_eq!(get("/as/encoded", "gzip").await.header("content-encoding"), "br");
}

#[actix_web::test]
async fn who_wants_nothing_we_have_is_told_before_anything_is_done() {
    for accept in ["identity;q=0", "*;q=0", "deflate, identity;q=0"] {
        assert_eq!(get("/sized/5", accept).await.status, 406, "{accept}");
    }
    let answer = get("/sized/5", "gzip, identity;q=0").await;
    assert_eq!((answer.header("content-encoding"), answer.decoded().len()), ("gzip", 5));
}

#[actix_web::test]
async fn head_tells_what_get_would() {
    let request = || TestRequest::with_uri("/sized/5000").insert_header(("accept-encoding", "gzip"));
    let (get, head) = (call(request()).await, call(request().method(actix_web::http::Method::HEAD)).await);
    for name in ["content-encoding", "vary", "content-type", "content-length", "etag"] {
        assert_eq!(get.header(name), head.header(name), "{name}");
    }
    assert!(head.body.is_empty());
}

#[actix_web::test]
async fn a_tag_that_was_read_compressed_still_guards_a_change() {
    let plain = call(TestRequest::with_uri("/resource")).await;
    let packed = get("/resource", "gzip").await;
    let (plain, packed) = (plain.header("etag").to_owned(), packed.header("etag").to_owned());
    assert_eq!(plain, tag().to_string());
    assert_eq!(packed, format!("{}--gzip\"", plain.trim_end_matches('"')));
    for (held, status) in [(&*plain, 204), (&packed, 204), ("\"old--gzip\"", 412)] {
        let request = TestRequest::patch().uri("/resource").insert_header(("if-match", held));
        assert_eq!(call(request).await.status, status, "{held}");
    }
    for held in [&plain, &packed] {
        let request = TestRequest::with_uri("/resource").insert_header(("if-none-match", held.as_str()));
        let answer = call(request.insert_header(("accept-encoding", "gzip"))).await;
        assert_eq!((answer.status, answer.header("etag")), (304, held.as_str()));
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
}

mod memory;
