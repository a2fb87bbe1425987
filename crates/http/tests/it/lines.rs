//! The log line of each request.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, call_service, init_service, try_call_service},
};
use palisade_core::{Environment, ErrorFormat, SystemClock};
use palisade_http::{
    Layer as _,
    client_address::{ClientAddress, TrustedProxies},
    exempt_routes::ExemptRoutes,
    geoip::{CountryRules, GeoDatabase, GeoIp},
    load_shed::{Bounds, Capacity, LoadShed},
    log::RequestLog,
    renderer::Renderer,
};
use palisade_telemetry::{Format, Logs, Settings};
use palisade_testkit::{LogLines, mmdb::Mmdb};
use serde_json::{Value, json};

use crate::world::{World, app, call};

/// What is logged while `act` runs on this thread.
pub(crate) async fn logged<F: Future<Output = ()>>(level: &str, act: F) -> Vec<Value> {
    let capture = LogLines::default();
    let settings = Settings { level: level.to_owned(), format: Some(Format::Json), ..Settings::default() };
    let (subscriber, handle) = Logs::to_writer(&settings, Environment::Test, false, capture.clone()).unwrap();
    {
        let _guard = tracing::subscriber::set_default(subscriber);
        act.await;
    }
    assert!(handle.flush(Duration::from_secs(10)));
    capture.lines()
}

async fn lines_of(request: TestRequest) -> Vec<Value> {
    logged("info", async {
        call(&World::default(), request.insert_header(("x-request-id", "mine"))).await;
    })
    .await
}

/// The line of the request among `lines`.
fn request_line(lines: &[Value]) -> &Value {
    let mut found = lines.iter().filter(|line| line.to_string().contains("\"http.request\""));
    let line = found.next().unwrap_or_else(|| panic!("no request line: {lines:?}"));
    assert!(found.next().is_none(), "more than one line: {lines:?}");
    line
}

#[actix_web::test]
async fn a_request_is_one_line_with_everything_that_names_it() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = TestRequest::with_uri("/ok?token=secret")
        .insert_header(("traceparent", trace))
        .peer_addr("192.0.2.7:1234".parse().unwrap());
    let lines = lines_of(request).await;
    let line = request_line(&lines);
    for (name, value) in [
        ("method", json!("GET")),
        ("route", json!("/ok")),
        ("status", json!(200)),
        ("client_ip", json!("192.0.2.7")),
        ("request_id", json!("mine")),
        ("trace_id", json!("4bf92f3577b34da6a3ce929d0e0e4736")),
        ("bytes", json!(13)),
    ] {
        assert_eq!(*LogLines::field(line, name), value, "{name} in {line}");
    }
    assert!(LogLines::field(line, "duration_ms").as_f64().is_some_and(|millis| millis >= 0.0), "{line}");
    assert!(!line.to_string().contains("secret"), "{line}");
}

#[actix_web::test]
async fn an_answer_to_head_has_no_bytes() {
    let lines = lines_of(TestRequest::with_uri("/ok").method(Method::HEAD)).await;
    assert_eq!(*LogLines::field(request_line(&lines), "bytes"), json!(0));
}

#[actix_web::test]
async fn the_route_is_a_pattern_and_never_the_path() {
    for (target, route) in [
        ("/things/01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", "/things/{id}"),
        ("/things/secret", "/things/{id}"),
        ("/panic/secret", "/panic/{id}"),
        ("/slow/secret", "/slow/{id}"),
        ("/nowhere/secret", "unmatched"),
    ] {
        let lines = lines_of(TestRequest::with_uri(target)).await;
        assert_eq!(*LogLines::field(request_line(&lines), "route"), route, "{target}");
        assert!(!request_line(&lines).to_string().contains("secret"), "{target}");
    }
}

#[actix_web::test]
async fn the_level_tells_whose_fault_it_was() {
    for (target, level) in [
        ("/ok", "info"),
        ("/nowhere", "info"),
        ("/taken", "info"),
        ("/status/401", "warn"),
        ("/status/403", "warn"),
        ("/status/429", "warn"),
        ("/kept", "warn"),
        ("/fault", "error"),
        ("/panic/7", "error"),
        ("/slow/7", "error"),
    ] {
        let lines = lines_of(TestRequest::with_uri(target)).await;
        let told = LogLines::field(request_line(&lines), "level").as_str().unwrap().to_lowercase();
        assert!(told.starts_with(level), "{target}: {told}");
    }
}

#[actix_web::test]
async fn code_and_reason_stand_in_the_line() {
    let lines = lines_of(TestRequest::with_uri("/taken")).await;
    assert_eq!(lines.len(), 1, "a fault of the client's is one line");
    assert_eq!(*LogLines::field(&lines[0], "code"), "conflict");
    assert_eq!(*LogLines::field(&lines[0], "reason"), "users.email_taken");
}

#[actix_web::test]
async fn a_fault_of_ours_is_logged_with_its_causes() {
    for (target, cause) in [("/fault", "SELECT secret"), ("/panic/7", "the secret of the handler")] {
        let lines = lines_of(TestRequest::with_uri(target)).await;
        let is_fault = |line: &&Value| line.to_string().contains("\"http.error\"");
        let fault = lines.iter().find(is_fault).unwrap_or_else(|| panic!("{lines:?}"));
        assert!(LogLines::field(fault, "cause").as_str().is_some_and(|text| text.contains(cause)), "{fault}");
        assert_eq!(*LogLines::field(fault, "request_id"), "mine", "{fault}");
        assert_eq!(*LogLines::field(fault, "code"), "internal_error", "{fault}");
    }
}

#[actix_web::test]
async fn the_start_is_told_at_debug() {
    let lines = logged("debug", async {
        call(&World::default(), TestRequest::with_uri("/ok")).await;
    })
    .await;
    assert!(lines.iter().any(|line| line.to_string().contains("http.request.start")), "{lines:?}");
}

#[actix_web::test]
async fn a_client_that_goes_away_is_told() {
    use actix_web::dev::Service as _;
    let lines = logged("info", async {
        let app =
            init_service(app(&World { handler_time: Duration::from_secs(30), ..World::default() })).await;
        let call = app.call(TestRequest::with_uri("/slow/7").to_request());
        let _ = tokio::time::timeout(Duration::from_millis(20), call).await;
    })
    .await;
    let line = request_line(&lines);
    assert_eq!(
        (LogLines::field(line, "status"), LogLines::field(line, "aborted")),
        (&json!(499), &json!(true)),
        "{line}"
    );
    assert_eq!(*LogLines::field(line, "route"), "/slow/{id}");
}

#[actix_web::test]
async fn forwarding_by_somebody_untrusted_is_warned_of_once() {
    let layer = ClientAddress::new(TrustedProxies::none());
    let lines = logged("info", async {
        // Two workers, two requests each.
        for layer in [layer.clone(), layer] {
            let app = init_service(App::new().wrap(layer.layered())).await;
            for _ in 0..2 {
                let request = TestRequest::default().peer_addr("192.0.2.7:1234".parse().unwrap());
                call_service(&app, request.insert_header(("x-forwarded-for", "192.0.2.1")).to_request())
                    .await;
            }
        }
    })
    .await;
    let warnings: Vec<_> =
        lines.iter().filter(|line| line.to_string().contains("client.untrusted_forwarding")).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert_eq!(*LogLines::field(warnings[0], "peer"), "192.0.2.7");
}

#[actix_web::test]
async fn the_client_is_the_one_behind_trusted_proxies_even_of_a_lost_request() {
    let layer = ClientAddress::new(TrustedProxies::parse(&["10.0.0.0/8"]).unwrap());
    for path in ["/ok", "/nowhere", "/panic/1", "/slow/1"] {
        let lines = logged("info", async {
            let world = World { client_address: Some(layer.clone()), ..World::default() };
            let app = init_service(app(&world)).await;
            let request = TestRequest::with_uri(path).peer_addr("10.0.0.1:1234".parse().unwrap());
            let request = request.insert_header(("x-forwarded-for", "192.0.2.1"));
            try_call_service(&app, request.to_request()).await.unwrap();
        })
        .await;
        assert_eq!(*LogLines::field(request_line(&lines), "client_ip"), "192.0.2.1", "{path}");
    }
}

#[actix_web::test]
async fn a_full_server_is_one_warning_and_no_fault() {
    let capacity = Capacity::new(Bounds { in_flight: NonZeroU32::MIN, queued: 0, patience: Duration::ZERO });
    let _taken = capacity.take();
    let lines = logged("info", async {
        let renderer = Renderer::new(ErrorFormat::Envelope, Arc::new(SystemClock));
        let layers = RequestLog::default()
            .then(renderer)
            .then(LoadShed::new(capacity.clone(), ExemptRoutes::default()));
        let app = init_service(App::new().wrap(layers.layered())).await;
        let answer = call_service(&app, TestRequest::default().to_request()).await;
        assert_eq!(answer.status(), 503);
    })
    .await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(LogLines::field(&lines[0], "level").as_str().unwrap().to_lowercase(), "warn");
    assert_eq!(*LogLines::field(&lines[0], "reason"), "load.shed");
}

#[actix_web::test]
async fn the_country_of_the_client_stands_in_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    std::fs::write(&path, Mmdb::ipv6().country("192.0.2.0/24", "DE").build()).unwrap();
    let rules = CountryRules::new(&[], &[], false).unwrap();
    let geoip = GeoIp::new(GeoDatabase::open(path).unwrap(), rules, ExemptRoutes::default());
    let lines = logged("info", async {
        let app = init_service(App::new().wrap(RequestLog::default().then(geoip).layered())).await;
        for peer in ["192.0.2.7:1234", "198.51.100.7:1234"] {
            let request = TestRequest::default().peer_addr(peer.parse().unwrap());
            call_service(&app, request.to_request()).await;
        }
    })
    .await;
    assert_eq!(*LogLines::field(&lines[0], "country"), "DE");
    assert_eq!(*LogLines::field(&lines[1], "country"), Value::Null);
}
