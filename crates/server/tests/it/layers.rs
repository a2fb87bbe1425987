//! Middleware of the ecosystem between the server's layers.

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    get,
    middleware::{DefaultHeaders, Next, from_fn},
};
use palisade_core::Principal;
use palisade_server::{Domain, Position};
use palisade_testkit::TestApp;

use crate::notes;

/// Refuses whoever sends `x-blocked`, by an error of actix-web.
async fn block(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.headers().contains_key("x-blocked") {
        return Err(actix_web::error::ErrorForbidden("blocked"));
    }
    next.call(request).await
}

/// Says who the caller is, where that is known.
async fn tell_caller(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    use actix_web::HttpMessage as _;
    let known = request.extensions().get::<Principal>().is_some();
    let mut response = next.call(request).await?;
    let known = if known { "yes" } else { "no" };
    response.headers_mut().insert("x-caller".parse().unwrap(), known.parse().unwrap());
    Ok(response)
}

#[utoipa::path(security(()), responses((status = 200)))]
#[get("/echo")]
async fn echo() -> HttpResponse {
    HttpResponse::Ok().body("echo")
}

#[tokio::test]
async fn foreign_layers_stand_where_they_are_put() {
    let server = notes::server()
        .layer(Position::Edge, || DefaultHeaders::new().add(("x-edge", "1")))
        .layer(Position::Edge, || from_fn(block))
        .layer(Position::BeforeAccess, || from_fn(tell_caller))
        .layer(Position::Handlers, || DefaultHeaders::new().add(("x-inside", "1")));
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    let seen = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    let headers = ["x-edge", "x-caller", "x-inside"].map(|name| seen.header(name).to_owned());
    assert_eq!(headers, ["1", "no", "1"], "before access nobody is known");
    assert!(!seen.header("x-request-id").is_empty());
    // Refused by access control: the layers inside of it see nothing, the others do.
    let refused = app.get("/api/v1/users/me").await.expect(401);
    assert_eq!((refused.header("x-edge"), refused.header("x-inside")), ("1", ""));
    // Refused by foreign middleware: in the standard body, with the request's id.
    let blocked = app.get("/api/v1/users/me").header("x-blocked", "1").await.expect(403);
    assert_eq!(blocked.code(), "forbidden");
    assert!(!blocked.header("x-request-id").is_empty());
    assert_eq!(blocked.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn around_the_handlers_the_caller_is_known() {
    let server = notes::server().layer(Position::Handlers, || from_fn(tell_caller)).domain(
        Domain::new("echo").routes(|config| {
            config.service(echo);
        }),
    );
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    assert_eq!(me.header("x-caller"), "yes");
    assert_eq!(app.get("/api/v1/echo").await.expect(200).header("x-caller"), "no");
}
