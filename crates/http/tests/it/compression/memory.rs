//! Who gets an encoder, and who gets the body as it is.

use std::sync::Arc;

use actix_web::{
    App, Error, HttpResponse,
    body::BoxBody,
    dev::{Service, ServiceResponse},
    test::{TestRequest, call_service, init_service},
    web,
};
use palisade_http::{Layer as _, coders::Coders, compression::Compression, static_body::StaticBody};
use palisade_telemetry::metrics::Off;

use super::{Answer, sized, streamed};

/// More than is compressed in one go.
const LARGE: usize = 200_000;

/// Memory for one coder of each use.
fn one_of_each() -> Coders {
    Coders::new(1, &(Arc::new(Off) as _))
}

async fn app(
    page: &StaticBody,
) -> impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = Error> + use<> {
    let page = page.clone();
    let served = move || {
        let answer = page.respond(HttpResponse::Ok().content_type("text/plain"));
        async move { answer.unwrap() }
    };
    let app = App::new()
        .route("/sized/{length}", web::get().to(sized))
        .route("/stream", web::get().to(streamed))
        .route("/static", web::get().to(served));
    init_service(app.wrap(Compression::new(one_of_each()).layered())).await
}

fn get(path: &str, accept: &'static str) -> actix_http::Request {
    TestRequest::with_uri(path).insert_header(("accept-encoding", accept)).to_request()
}

fn coding<B>(response: &ServiceResponse<B>) -> &str {
    response.headers().get("content-encoding").map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn large_bodies_and_streams_are_read_back() {
    let app = app(&StaticBody::new("")).await;
    for accept in ["gzip", "br", "zstd"] {
        for (path, length) in [("/sized/200000", LARGE), ("/sized/65536", 65_536), ("/stream", 10_000)] {
            let response = call_service(&app, get(path, accept)).await;
            assert_eq!(coding(&response), accept, "{path}");
            assert_eq!(Answer::of(response).await.decoded(), vec![b'x'; length], "{path} in {accept}");
        }
    }
}

#[actix_web::test]
async fn who_finds_no_free_encoder_gets_the_body_as_it_is() {
    let app = app(&StaticBody::new("")).await;
    for (path, length) in [("/sized/200000", LARGE), ("/stream", 10_000)] {
        let first = call_service(&app, get(path, "br")).await;
        assert_eq!(coding(&first), "br");
        let second = Answer::of(call_service(&app, get(path, "br")).await).await;
        assert_eq!((second.status, second.header("content-encoding")), (200, ""), "{path}");
        assert_eq!((second.header("vary"), second.body.len()), ("accept-encoding", length), "{path}");
        let strict = Answer::of(call_service(&app, get(path, "br, identity;q=0")).await).await;
        assert_eq!((strict.status, strict.header("retry-after")), (503, "1"), "{path}");
        // Small bodies need no memory beyond that of the worker.
        assert_eq!(coding(&call_service(&app, get("/sized/2000", "br")).await), "br");
        drop(first);
        assert_eq!(coding(&call_service(&app, get(path, "br")).await), "br", "{path}");
    }
}

#[actix_web::test]
async fn a_client_that_does_not_read_holds_no_encoder_once_its_body_is_compressed() {
    let app = app(&StaticBody::new("")).await;
    let first = Answer::of(call_service(&app, get("/sized/200000", "zstd")).await).await;
    let second = call_service(&app, get("/sized/200000", "zstd")).await;
    assert_eq!((coding(&second), first.decoded().len()), ("zstd", LARGE));
}

#[actix_web::test]
async fn a_static_body_is_compressed_once_for_each_coding() {
    for length in [5_000, LARGE] {
        let page = StaticBody::new("x".repeat(length));
        let app = app(&page).await;
        for (made, accept) in [(1, "gzip"), (2, "br"), (3, "zstd")] {
            for _ in 0..3 {
                let answer = Answer::of(call_service(&app, get("/static", accept)).await).await;
                assert_eq!((answer.status, answer.header("content-encoding")), (200, accept));
                assert_eq!(answer.decoded(), vec![b'x'; length]);
            }
            assert_eq!(page.times_compressed(), made, "{accept}");
        }
    }
}

#[actix_web::test]
async fn while_a_static_body_is_being_compressed_others_get_it_as_it_is() {
    let page = StaticBody::new("x".repeat(LARGE));
    let app = app(&page).await;
    let given_up = call_service(&app, get("/static", "br")).await;
    assert_eq!(coding(&given_up), "br");
    assert_eq!(coding(&call_service(&app, get("/static", "br")).await), "");
    drop(given_up);
    let first = call_service(&app, get("/static", "br")).await;
    assert_eq!((coding(&first), page.times_compressed()), ("br", 0));
    assert_eq!(Answer::of(first).await.decoded().len(), LARGE);
    assert_eq!(page.times_compressed(), 1);
}
