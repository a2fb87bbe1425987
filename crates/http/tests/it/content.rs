//! One spelling for each address, and bodies of known types only.

use actix_web::{
    App, HttpRequest, HttpResponse,
    http::Method,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use palisade_http::{
    Layer as _,
    content::{Content, MediaTypes, NullBytes},
};

/// The status, and the path as the handler sees it: raw, and as it was routed.
async fn call(content: &Content, request: TestRequest) -> (u16, String) {
    let seen = |request: HttpRequest| async move {
        HttpResponse::Ok().body(format!("{} {}", request.path(), request.match_info().as_str()))
    };
    let app = init_service(
        App::new()
            .service(web::scope("/api").route("/{tail:.*}", web::to(seen)))
            .wrap(content.clone().layered()),
    )
    .await;
    let response = call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    (status, String::from_utf8(read_body(response).await.to_vec()).unwrap())
}

#[actix_web::test]
async fn the_handler_the_router_and_a_rule_by_prefix_read_one_path() {
    for (target, path) in [
        ("/api/users", "/api/users"),
        ("/%61p%69/users?x=%61", "/api/users"),
        ("/api/%75sers/", "/api/users/"),
        ("http://localhost:8080/api/%7Eme", "/api/~me"),
    ] {
        let request = TestRequest::with_uri(target).insert_header(("host", "localhost:8080"));
        let (status, seen) = call(&Content::new(), request).await;
        let whole = format!("{path} {path}");
        assert_eq!((status, seen.as_str()), (200, whole.as_str()), "{target}");
    }
}

#[actix_web::test]
async fn what_has_two_readings_reaches_no_route() {
    for target in [
        "/api//users",
        "//api/users",
        "/api/./users",
        "/api/x/../users",
        "/api/%2e%2e/api/users",
        "/api/users%2fme",
        "/api/users;x",
        "/api/users%00",
        "/api/users%0d%0a",
        "/api/%zz",
        "/api/%4",
        "/api/%2575sers",
        "/api/%c0%ae",
        "/api/users?x=%zz",
        "/api/users?x=%00",
        "http://other/api/users",
    ] {
        let request = TestRequest::with_uri(target).insert_header(("host", "localhost"));
        let (status, seen) = call(&Content::new(), request).await;
        assert_eq!(status, 400, "{target}: {seen}");
        assert!(seen.contains("\"code\":\"bad_request\""), "{target}: {seen}");
    }
}

#[actix_web::test]
async fn nul_is_a_character_where_that_is_wished() {
    let content = Content::new().null_bytes(NullBytes::Taken);
    let (status, _) = call(&content, TestRequest::with_uri("/api/a%00?b=%00")).await;
    assert_eq!(status, 200);
}

#[actix_web::test]
async fn an_address_over_the_limit_is_a_414() {
    let content = Content::new().max_url_length(20);
    let at = TestRequest::with_uri("/api/123456789012345");
    let over = TestRequest::with_uri("/api/12345678901234?x");
    assert_eq!(call(&content, at).await.0, 200);
    assert_eq!(call(&content, over).await.0, 414);
}

#[actix_web::test]
async fn each_method_takes_its_own_types() {
    let json = MediaTypes::parse(["application/json", "application/*+json"]).unwrap();
    let content = Content::new()
        .with_types(Method::POST, json)
        .with_types(Method::PUT, MediaTypes::parse(["image/*"]).unwrap());
    let send = async |method: Method, types: &[&'static str], body: &'static str| {
        let request = TestRequest::with_uri("/api/a").method(method);
        let request =
            types.iter().fold(request, |request, name| request.append_header(("content-type", *name)));
        let request = request.insert_header(("content-length", body.len())).set_payload(body);
        call(&content, request).await.0
    };
    for (method, types, status) in [
        (Method::POST, &["application/json"][..], 200),
        (Method::POST, &["application/merge-patch+json; charset=utf-8"], 200),
        (Method::POST, &["image/png"], 415),
        (Method::POST, &["application/json", "application/json"], 415),
        (Method::POST, &[], 415),
        (Method::PUT, &["image/png"], 200),
        (Method::PUT, &["application/json"], 415),
        (Method::DELETE, &["text/plain"], 200),
        (Method::GET, &[], 200),
    ] {
        assert_eq!(send(method.clone(), types, "x").await, status, "{method} {types:?}");
    }
    assert_eq!(send(Method::POST, &["text/plain"], "").await, 200);
}
