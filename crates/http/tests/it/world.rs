//! An application with every layer, and routes that go wrong in every way.

use std::{io, sync::Arc, time::Duration};

use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    body::{MessageBody, to_bytes},
    dev::{Service as _, ServiceFactory, ServiceRequest, ServiceResponse},
    error::ErrorImATeapot,
    http::{
        Method, StatusCode,
        header::{HeaderMap, HeaderValue, RETRY_AFTER},
    },
    test::{TestRequest, init_service, try_call_service},
    web::{self, Bytes},
};
use futures_util::{FutureExt as _, stream};
use palisade_core::{
    Error as CoreError, ErrorFormat, ErrorKind, FieldError, Ids, Secret, SystemClock, SystemRandom, UserId,
};
use palisade_http::{
    KeepBody, Layer as _, Rejection,
    body_limit::BodyLimit,
    client_address::ClientAddress,
    etag::ETag,
    extract::{Body, Context, FormOrBody, IfMatch, IfNoneMatch, PathId, Query},
    fallback,
    head::Head,
    log::RequestLog,
    metrics::RequestMetrics,
    panic_guard::PanicGuard,
    process_time::ProcessTime,
    renderer::Renderer,
    request_id::RequestIds,
    routes::RouteTable,
    timeout::Timeout,
};
use palisade_telemetry::metrics::{Registry, Telemetry};
use serde::Deserialize;
use serde_json::{Value, json};
use validator::Validate;

/// What the routes take.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct Book {
    #[validate(length(max = 20))]
    title: String,
    pages: Option<u32>,
    secret: Option<Secret>,
    #[serde(default)]
    #[validate(length(max = 2))]
    tags: Vec<String>,
}

/// What differs between the tests.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) format: ErrorFormat,
    pub(crate) show_causes: bool,
    pub(crate) registry: Arc<Registry>,
    pub(crate) limit: usize,
    pub(crate) body_time: Duration,
    pub(crate) handler_time: Duration,
    pub(crate) client_address: Option<ClientAddress>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            format: ErrorFormat::Envelope,
            show_causes: false,
            registry: Arc::default(),
            limit: 1_000,
            body_time: Duration::from_millis(300),
            handler_time: Duration::from_millis(200),
            client_address: None,
        }
    }
}

/// What a client got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of an error in envelope form.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    /// The fields of a validation error, each with its code.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let json = self.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let details = json["error"]["details"].as_array().unwrap_or_else(|| panic!("no fields: {self:?}"));
        details.iter().map(|problem| (text(&problem["field"]), text(&problem["code"]))).collect()
    }
}

/// The answer of the whole application to one request.
pub(crate) async fn call(world: &World, request: TestRequest) -> Answer {
    let app = init_service(app(world)).await;
    let response =
        try_call_service(&app, request.to_request()).await.expect("every error is rendered").into_parts().1;
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: to_bytes(response.into_body()).await.ok().unwrap(),
    }
}

/// The whole application.
pub(crate) fn app(
    world: &World,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let clock = Arc::new(SystemClock);
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
    let table = Arc::new(table());
    let telemetry: Arc<dyn Telemetry> = world.registry.clone();
    let metrics = RequestMetrics::new(&telemetry, Duration::from_secs(5)).with_routes(Arc::clone(&table));
    let renderer = Renderer::new(world.format, clock).show_causes(world.show_causes);
    App::new()
        .configure(routes)
        .default_service(fallback::service(table.clone()))
        .wrap_fn(|request, next| {
            if request.headers().contains_key("x-fail-within") {
                return async { Err(ErrorImATeapot("inner layer")) }.boxed_local();
            }
            next.call(request).boxed_local()
        })
        .wrap(BodyLimit::new(world.limit).within(world.body_time).layered())
        .wrap(Timeout::after(world.handler_time).layered())
        .wrap(Head.layered())
        .wrap(world.client_address.clone().layered())
        .wrap(PanicGuard.layered())
        .wrap(renderer.layered())
        .wrap(metrics.layer().layered())
        .wrap(RequestLog::default().with_routes(table).layered())
        .wrap(ProcessTime.layered())
        .wrap(RequestIds::new(ids).layered())
}

fn table() -> RouteTable {
    [
        (Method::GET, "/ok"),
        (Method::POST, "/books"),
        (Method::POST, "/login"),
        (Method::GET, "/search"),
        (Method::GET, "/things/{id}"),
        (Method::PATCH, "/things/{id}"),
        (Method::GET, "/panic/{id}"),
        (Method::GET, "/slow/{id}"),
    ]
    .into_iter()
    .fold(RouteTable::default(), |table, (method, pattern)| table.with_public(method, pattern))
}

fn routes(config: &mut web::ServiceConfig) {
    use web::{get, patch, post};
    config
        .route("/ok", get().to(ok))
        .route(
            "/context",
            get().to(|Context(context): Context| async move { context.request_id.to_string() }),
        )
        .route("/books", post().to(|Body(book): Body<Book>| async move { shown(&book) }))
        .route("/login", post().to(|FormOrBody(book): FormOrBody<Book>| async move { shown(&book) }))
        .route("/search", get().to(|Query(book): Query<Book>| async move { shown(&book) }))
        .route("/things/{id}", get().to(thing))
        .route("/things/{id}", patch().to(change))
        .route("/panic/{id}", get().to(panics))
        .route("/slow/{id}", get().to(slow))
        .route("/fault", get().to(fault))
        .route("/taken", get().to(taken))
        .route("/busy", get().to(busy))
        .route("/status/{status}", get().to(bare_status))
        .route("/stream", get().to(stream_of_an_error))
        .route("/kept", get().to(kept))
        .route("/io", get().to(missing_file))
        .route("/described", get().to(described))
        .route("/theirs/json", post().to(|_: web::Json<Strict>| async { "taken" }))
        .route("/theirs/form", post().to(|_: web::Form<Strict>| async { "taken" }))
        .route("/theirs/query", get().to(|_: web::Query<Strict>| async { "taken" }))
        .route("/theirs/path/{number}", get().to(|_: web::Path<u32>| async { "taken" }))
        .route("/theirs/text", post().to(|text: String| async { text }))
        .route("/theirs/bytes", post().to(|bytes: Bytes| async move { bytes.len().to_string() }))
        .service(web::resource("/only-get").route(get().to(ok)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[expect(dead_code, reason = "only read from requests")]
    number: u32,
}

async fn ok() -> HttpResponse {
    HttpResponse::Ok().json(json!({"fine": true}))
}

fn shown(book: &Book) -> HttpResponse {
    let secret = book.secret.as_ref().map(Secret::expose);
    HttpResponse::Ok()
        .json(json!({"title": book.title, "pages": book.pages, "tags": book.tags, "secret": secret}))
}

async fn thing(PathId(id): PathId<palisade_core::id::User>, held: IfNoneMatch) -> HttpResponse {
    if held.has(&tag(id)) {
        return HttpResponse::NotModified().insert_header(tag(id)).finish();
    }
    HttpResponse::Ok().insert_header(tag(id)).body(id.to_string())
}

async fn change(
    PathId(id): PathId<palisade_core::id::User>,
    expected: IfMatch,
) -> palisade_http::Result<HttpResponse> {
    expected.check(&tag(id))?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) fn tag(id: UserId) -> ETag {
    ETag::of(id.to_string())
}

async fn panics(request: HttpRequest) -> HttpResponse {
    assert!(request.path().is_empty(), "the secret of the handler");
    HttpResponse::Ok().finish()
}

async fn slow() -> HttpResponse {
    std::future::pending().await
}

async fn fault() -> palisade_http::Result<HttpResponse> {
    let nearest = io::Error::other(CoreError::internal("SELECT secret FROM users"));
    Err(CoreError::internal(nearest))?
}

async fn taken() -> palisade_http::Result<HttpResponse> {
    Err(CoreError::conflict("The e-mail address is taken").with_reason("users.email_taken"))?
}

async fn busy() -> palisade_http::Result<HttpResponse> {
    Err(CoreError::unavailable("Busy", Duration::from_secs(7)))?
}

async fn bare_status(status: web::Path<u16>) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(*status).unwrap())
        .insert_header(("set-cookie", "a=b"))
        .body("an answer of src/secret.rs")
}

async fn stream_of_an_error() -> HttpResponse {
    let chunks = stream::iter([Ok::<_, Error>(Bytes::from_static(b"se")), Ok(Bytes::from_static(b"cret"))]);
    HttpResponse::BadGateway()
        .insert_header(("content-encoding", "gzip"))
        .insert_header(("etag", "\"1\""))
        .streaming(chunks)
}

async fn kept() -> HttpResponse {
    let mut response = HttpResponse::ServiceUnavailable().json(json!({"status": "fail"}));
    response.extensions_mut().insert(KeepBody);
    response
}

async fn missing_file() -> Result<HttpResponse, Error> {
    Err(io::Error::new(io::ErrorKind::NotFound, "/etc/secret.rs"))?
}

async fn described() -> Result<HttpResponse, Rejection> {
    let error = CoreError::from(FieldError::new("title", "too_long", "must have at most 3 characters"));
    Err(error.with_header("x-hint", HeaderValue::from_static("kept").to_str().unwrap().to_owned()).into())
}

/// The header that a kind must come with, if there is one.
pub(crate) fn required_header(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unauthorized => Some("www-authenticate"),
        ErrorKind::RateLimited | ErrorKind::ServiceUnavailable => Some(RETRY_AFTER.as_str()),
        _ => None,
    }
}
