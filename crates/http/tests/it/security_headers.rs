//! What every response tells a browser not to do.

use actix_web::{
    App, HttpMessage as _, HttpResponse,
    dev::ServiceResponse,
    error::ErrorImATeapot,
    http::{StatusCode, header::HeaderMap},
    test::{TestRequest, init_service, try_call_service},
    web,
};
use futures_util::FutureExt as _;
use palisade_http::{
    Layer as _,
    client_address::Client,
    security_headers::{API_POLICY, InvalidPolicy, SecurityHeaders},
};

const SET: [(&str, &str); 9] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("x-xss-protection", "0"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cache-control", "no-store"),
    ("content-security-policy", API_POLICY),
];

/// The headers of an answer with this status, behind a layer inside that says whether the client speaks https.
async fn answer(layer: SecurityHeaders, status: u16, https: bool) -> HeaderMap {
    let status = StatusCode::from_u16(status).unwrap();
    let app = App::new()
        .default_service(web::to(move || async move { HttpResponse::new(status) }))
        .wrap_fn(move |request, next| {
            let client = Client { ip: "192.0.2.1".parse().unwrap(), https };
            request.extensions_mut().insert(client);
            actix_web::dev::Service::call(next, request)
        })
        .wrap(layer.layered());
    let app = init_service(app).await;
    try_call_service(&app, TestRequest::default().to_request()).await.unwrap().headers().clone()
}

fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    assert_eq!(values.next(), None, "{name} is there twice");
    Some(value.to_str().unwrap())
}

#[actix_web::test]
async fn every_response_has_the_set_whatever_its_status() {
    for status in [200, 204, 206, 304, 400, 404, 429, 500, 503] {
        let headers = answer(SecurityHeaders::new(), status, true).await;
        for (name, value) in SET {
            assert_eq!(get(&headers, name), Some(value), "{name} of {status}");
        }
        assert_eq!(get(&headers, "strict-transport-security"), None, "{status}");
        assert_eq!(get(&headers, "server"), None, "{status}");
    }
}

#[actix_web::test]
async fn hsts_goes_to_clients_that_speak_https_alone() {
    let value = Some("max-age=31536000; includeSubDomains");
    for (https, wanted) in [(true, value), (false, None)] {
        let headers = answer(SecurityHeaders::new().with_hsts(), 200, https).await;
        assert_eq!(get(&headers, "strict-transport-security"), wanted);
    }
}

#[actix_web::test]
async fn preload_is_said_only_where_it_is_wanted() {
    let headers = answer(SecurityHeaders::new().with_hsts_preload(), 200, true).await;
    let value = Some("max-age=31536000; includeSubDomains; preload");
    assert_eq!(get(&headers, "strict-transport-security"), value);
}

#[actix_web::test]
async fn what_a_handler_said_is_kept() {
    let app = App::new()
        .default_service(web::to(|| async {
            HttpResponse::Ok()
                .insert_header(("cache-control", "public, max-age=60"))
                .insert_header(("content-security-policy", "default-src 'self'"))
                .append_header(("content-security-policy", "img-src 'none'"))
                .finish()
        }))
        .wrap(SecurityHeaders::new().layered());
    let app = init_service(app).await;
    let response = try_call_service(&app, TestRequest::default().to_request()).await.unwrap();
    assert_eq!(get(response.headers(), "cache-control"), Some("public, max-age=60"));
    let policies: Vec<_> = response.headers().get_all("content-security-policy").collect();
    assert_eq!(policies, ["default-src 'self'", "img-src 'none'"]);
    assert_eq!(get(response.headers(), "x-frame-options"), Some("DENY"));
}

#[actix_web::test]
async fn an_error_of_somebody_else_has_the_set_too() {
    let app = App::new()
        .wrap_fn(|_, _| async { Err::<ServiceResponse, _>(ErrorImATeapot("foreign")) }.boxed_local())
        .wrap(SecurityHeaders::new().layered());
    let app = init_service(app).await;
    let error = try_call_service(&app, TestRequest::default().to_request()).await.err().unwrap();
    for (name, value) in SET {
        assert_eq!(get(error.error_response().headers(), name), Some(value), "{name}");
    }
}

#[actix_web::test]
async fn the_policy_can_be_another_or_none() {
    let own = SecurityHeaders::with_policy("default-src 'self'").unwrap();
    assert_eq!(get(&answer(own, 200, false).await, "content-security-policy"), Some("default-src 'self'"));
    let none = answer(SecurityHeaders::without_policy(), 200, false).await;
    assert_eq!(get(&none, "content-security-policy"), None);
    assert_eq!(get(&none, "x-frame-options"), Some("DENY"));
    for policy in ["", "  ", "default-src\n'none'", "default-src 'é'", "a\tb"] {
        assert_eq!(SecurityHeaders::with_policy(policy).err(), Some(InvalidPolicy), "{policy:?}");
    }
}
