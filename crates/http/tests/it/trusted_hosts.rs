//! Only the hosts that are ours.

use actix_web::{
    App, HttpResponse,
    test::{TestRequest, init_service, try_call_service},
    web,
};
use palisade_http::{
    Layer as _,
    trusted_hosts::{AllowedHosts, TrustedHosts},
};

/// The status of a request for this target with these `Host`s.
async fn status(allowed: &[&str], target: &str, hosts: &[&str]) -> u16 {
    let layer = TrustedHosts::new(AllowedHosts::parse(allowed).unwrap());
    let app = App::new().default_service(web::to(HttpResponse::Ok)).wrap(layer.layered());
    let app = init_service(app).await;
    let request = hosts
        .iter()
        .fold(TestRequest::with_uri(target), |request, host| request.append_header(("host", *host)));
    try_call_service(&app, request.to_request()).await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn an_allowed_host_passes_however_it_is_written() {
    let allowed = ["example.com", "*.example.org", "[::1]"];
    for host in
        ["example.com", "EXAMPLE.com:8000", "example.com.", "a.example.org", "a.b.example.org", "[::1]:80"]
    {
        assert_eq!(status(&allowed, "/", &[host]).await, 200, "{host}");
    }
    for host in [
        "example.org",
        "www.example.com",
        "example.com.evil.example",
        "evil.example",
        "127.0.0.1",
        "[::2]",
        "example.com@evil.example",
        "evil.example/example.com",
        "",
    ] {
        assert_eq!(status(&allowed, "/", &[host]).await, 400, "{host}");
    }
    assert_eq!(status(&allowed, "/", &[]).await, 400);
}

#[actix_web::test]
async fn a_host_must_be_told_once_and_well_even_when_any_is_allowed() {
    for host in ["example.com", "[::1]:80", "localhost"] {
        assert_eq!(status(&["*"], "/", &[host]).await, 200, "{host}");
    }
    for host in ["", "a b", "a/b", "user@a", "[::1", "a:b"] {
        assert_eq!(status(&["*"], "/", &[host]).await, 400, "{host}");
    }
    assert_eq!(status(&["*"], "/", &["example.com", "example.com"]).await, 400);
}

#[actix_web::test]
async fn the_target_counts_and_must_agree() {
    let allowed = ["example.com"];
    assert_eq!(status(&allowed, "http://example.com/", &["example.com"]).await, 200);
    assert_eq!(status(&allowed, "http://EXAMPLE.com:80/", &["example.com:8000"]).await, 200);
    assert_eq!(status(&allowed, "http://example.com/", &[]).await, 200);
    assert_eq!(status(&allowed, "http://evil.example/", &["example.com"]).await, 400);
    assert_eq!(status(&allowed, "http://example.com/", &["evil.example"]).await, 400);
    assert_eq!(status(&["*"], "http://evil.example/", &["example.com"]).await, 400);
    assert_eq!(status(&["*"], "http://user@example.com/", &["example.com"]).await, 400);
}
