//! Requests and answers in the log.

mod bodies;
mod canaries;
mod ends;
mod listener;
mod shown;

use std::{
    future::poll_fn,
    pin::{Pin, pin},
};

use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{Payload, Service as _, ServiceFactory, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    },
    test::{TestRequest, init_service},
    web::{self, Bytes},
};
use futures_util::Stream;
use palisade_http::{Layer as _, layer::optional, request_logging::RequestLogging};
use palisade_telemetry::Masker;
use serde_json::Value;

use listener::{Heard, Level};

/// What a client got, piece by piece.
struct Got {
    status: u16,
    headers: HeaderMap,
    size: BodySize,
    pieces: Vec<Bytes>,
}

impl Got {
    fn body(&self) -> Vec<u8> {
        self.pieces.concat()
    }
}

fn layer() -> RequestLogging {
    RequestLogging::new(Masker::default())
}

/// The application behind the layer, if there is one.
fn app(
    layer: Option<RequestLogging>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .route("/echo", web::to(echo))
        .route("/pass", web::to(pass))
        .route("/first", web::to(first))
        .route("/ignore", web::to(HttpResponse::NoContent))
        .route("/panic", web::to(panics))
        .route("/slow", web::to(slow))
        .route("/foreign", web::to(foreign))
        .route("/refused", web::to(refused))
        .route("/status/{status}", web::to(status))
        .route("/things/{rest:.*}", web::to(HttpResponse::NoContent))
        .route("/health", web::to(HttpResponse::NoContent))
        .route("/health/ready", web::to(HttpResponse::NoContent))
        .route("/healthy", web::to(HttpResponse::NoContent))
        .wrap(optional(layer).layered())
}

/// Gives back what came, as one piece.
async fn echo(request: HttpRequest, body: Bytes) -> HttpResponse {
    like(&request).body(body)
}

/// Gives back what comes, as it comes.
async fn pass(request: HttpRequest, body: web::Payload) -> HttpResponse {
    like(&request).streaming(body)
}

/// Reads no more than the first piece.
async fn first(request: HttpRequest, body: web::Payload) -> HttpResponse {
    let mut body = pin!(body);
    let piece = poll_fn(|cx| body.as_mut().poll_next(cx)).await.unwrap().unwrap();
    like(&request).body(piece)
}

async fn panics(_: Bytes) -> HttpResponse {
    panic!("the handler's secret")
}

async fn slow(_: Bytes) -> HttpResponse {
    std::future::pending().await
}

/// An error that is no rejection.
async fn foreign() -> Result<HttpResponse, Error> {
    Err(actix_web::error::ErrorImATeapot("a draft of password=hunter2"))
}

async fn refused() -> palisade_http::Result<HttpResponse> {
    Err(palisade_core::Error::conflict("Taken").with_reason("users.email_taken"))?
}

async fn status(status: web::Path<u16>) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(*status).unwrap()).content_type("text/plain").body("the body")
}

fn like(request: &HttpRequest) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if let Some(value) = request.headers().get(CONTENT_TYPE) {
        response.insert_header((CONTENT_TYPE, value));
    }
    if let Some(value) = request.headers().get("x-encoded") {
        response.insert_header(("content-encoding", value));
    }
    response
}

fn post(target: &str, media: &str) -> TestRequest {
    let request = TestRequest::post().uri(target);
    if media.is_empty() { request } else { request.insert_header(("content-type", media)) }
}

/// A request whose body comes in these pieces.
fn in_pieces(
    request: TestRequest,
    pieces: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
) -> actix_http::Request {
    let mut request = request.insert_header(("transfer-encoding", "chunked")).to_request();
    *request.payload() = Payload::Stream { payload: Box::pin(pieces) };
    request
}

async fn send(layer: Option<RequestLogging>, request: actix_http::Request) -> Got {
    let app = init_service(app(layer)).await;
    let response = app.call(request).await.unwrap().into_parts().1;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = pin!(response.into_body());
    let size = body.size();
    let mut pieces = Vec::new();
    while let Some(piece) = next(body.as_mut()).await {
        pieces.push(piece.ok().unwrap());
    }
    Got { status, headers, size, pieces }
}

async fn next<B: MessageBody>(mut body: Pin<&mut B>) -> Option<Result<Bytes, B::Error>> {
    poll_fn(|cx| body.as_mut().poll_next(cx)).await
}

/// What the layer tells of one exchange: of the request and of the response.
async fn told(layer: RequestLogging, request: actix_http::Request) -> (Value, Value) {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    send(Some(layer), request).await;
    heard.exchange()
}

/// The same of a body that is echoed.
async fn told_of(layer: RequestLogging, media: &str, body: impl Into<Bytes>) -> (Value, Value) {
    told(layer, post("/echo", media).set_payload(body).to_request()).await
}

#[actix_web::test]
async fn an_exchange_is_two_events() {
    let request = post("/echo?page=2", "application/json").set_payload(r#"{"title":"Emma"}"#);
    let (request, response) = told(layer(), request.to_request()).await;
    for (event, wanted) in [
        (
            &request,
            serde_json::json!({
                "message": "http.exchange.request", "level": "INFO", "method": "POST", "path": "/echo",
                "query": "page=2", "headers": r#"{"content-length":"16","content-type":"application/json"}"#,
                "body": r#"{"title":"Emma"}"#, "body_bytes": 16, "truncated": false,
            }),
        ),
        (
            &response,
            serde_json::json!({
                "message": "http.exchange.response", "level": "INFO", "status": 200,
                "headers": r#"{"content-type":"application/json"}"#, "body": r#"{"title":"Emma"}"#,
                "body_bytes": 16, "truncated": false, "duration_ms": response["duration_ms"],
            }),
        ),
    ] {
        assert_eq!(*event, wanted);
    }
    assert!(response["duration_ms"].as_f64().is_some_and(|millis| millis >= 0.0), "{response}");
}

#[actix_web::test]
async fn routes_are_exempt_by_their_pattern_with_those_below() {
    let patterns = ["/health".to_owned(), "/things".to_owned()];
    for (path, events) in [
        ("/health", 0),
        ("/health/ready", 0),
        ("/%68ealth", 0),
        ("/things/a/b", 0),
        ("/healthy", 2),
        ("/health/nowhere", 2),
        ("/ignore", 2),
    ] {
        let heard = Heard::default();
        let _guard = heard.listen(Level::INFO);
        send(Some(layer().except(&patterns)), TestRequest::with_uri(path).to_request()).await;
        assert_eq!(heard.events().len(), events, "{path}");
    }
}
