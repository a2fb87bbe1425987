//! Methods: `HEAD` beside every `GET`, 405 with `Allow`, `OPTIONS`.

use actix_web::{http::Method, test::TestRequest};
use palisade_listener::Running;
use palisade_testkit::Client;

use crate::{
    served::serve_app,
    world::{World, app, call},
};

async fn start() -> Running {
    serve_app(|| app(&World::default())).await
}

#[actix_web::test]
async fn an_address_tells_its_methods() {
    for (method, target, status, allow) in [
        ("DELETE", "/ok", 405, Some("GET, HEAD, OPTIONS")),
        ("GET", "/books", 405, Some("OPTIONS, POST")),
        ("HEAD", "/books", 405, Some("OPTIONS, POST")),
        ("PUT", "/things/7", 405, Some("GET, HEAD, OPTIONS, PATCH")),
        ("PUT", "/%74hings/7", 405, Some("GET, HEAD, OPTIONS, PATCH")),
        ("OPTIONS", "/things/7", 204, Some("GET, HEAD, OPTIONS, PATCH")),
        ("OPTIONS", "/nowhere", 404, None),
        ("GET", "/things/7/8", 404, None),
        ("GET", "/ok/", 404, None),
    ] {
        let request = TestRequest::with_uri(target).method(Method::from_bytes(method.as_bytes()).unwrap());
        let answer = call(&World::default(), request).await;
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {target}");
    }
}

#[actix_web::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let running = start().await;
    let mut client = Client::connect(running.bound()[0].address).await;
    for (target, status) in
        [("/ok", 200), ("/nowhere", 404), ("/fault", 500), ("/books", 405), ("/panic/7", 500)]
    {
        client.send(format!("GET {target} HTTP/1.1\r\nhost: a\r\nx-request-id: r\r\n\r\n")).await;
        let get = client.response().await;
        client.send(format!("HEAD {target} HTTP/1.1\r\nhost: a\r\nx-request-id: r\r\n\r\n")).await;
        let head = client.response_without_body().await;
        assert_eq!((get.status, head.status), (status, status), "{target}");
        for name in ["content-type", "content-length", "allow", "x-request-id"] {
            assert_eq!(head.header(name), get.header(name), "{target} {name}");
        }
    }
}
