//! Traces, logs and metrics at a collector, and what happens when it is not there.

use nix::sys::signal::Signal;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use palisade_testkit::{
    Inbox, redis_url,
    wait::{self, PATIENCE},
};
use serde_json::{Value, json};

use super::collector::{exporting, hex, logs, metrics, number, spans, text};
use crate::binary::harness::Running;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn sign_up(running: &Running, traceparent: &str) -> String {
    let person = json!({"email": "ann@example.com", "username": "ann", "password": "violet-Tractor-93-lamp"});
    let client = client();
    let answer = client.post(running.url("/api/v1/auth/register")).json(&person).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let login = client.post(running.url("/api/v1/auth/login")).json(&person_login());
    let answer = login.header("traceparent", traceparent).send().await.unwrap();
    let tokens: Value = answer.json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn person_login() -> Value {
    json!({"username": "ann", "password": "violet-Tractor-93-lamp"})
}

async fn until(inbox: &Inbox, what: &str, holds: impl Fn() -> bool) {
    let look = async || if holds() { Ok(()) } else { Err(format!("{} letters", inbox.letters().len())) };
    wait::for_ok(what, look).await;
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[tokio::test]
async fn a_request_is_a_tree_of_spans_below_its_caller_s() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox)
        .set("REDIS_URL", redis_url())
        .set("RATE_LIMIT_ENABLED", "true")
        .set("CACHE_ENABLED", "true")
        .set("TELEMETRY_SAMPLE_RATE", "0")
        .start()
        .await;
    let token = sign_up(&running, &format!("00-{TRACE}-{PARENT}-01")).await;
    let me: Value = client()
        .get(running.url("/api/v1/users/me"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let user = client().get(running.url(&format!("/api/v1/users/{}", me["id"].as_str().unwrap())));
    let user = user.bearer_auth(&token).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(user.send().await.unwrap().status(), 200);
    until(&inbox, "roots", || {
        let spans = spans(&inbox);
        !named(&spans, "POST /api/v1/auth/login").is_empty()
            && !named(&spans, "GET /api/v1/users/{id}").is_empty()
    })
    .await;
    let spans = spans(&inbox);
    assert!(
        spans.iter().all(|span| hex(&span.trace_id) == TRACE),
        "what no caller traces is not traced at 0 %"
    );
    let login = named(&spans, "POST /api/v1/auth/login")[0];
    assert_eq!(hex(&login.parent_span_id), PARENT);
    assert_eq!(login.kind, SpanKind::Server as i32);
    assert_eq!(text(&login.attributes, "http.route").as_deref(), Some("/api/v1/auth/login"));
    assert_eq!(text(&login.attributes, "http.response.status_code").as_deref(), Some("200"));
    let below = |root: &Span, name: &str| {
        spans.iter().any(|span| span.parent_span_id == root.span_id && span.name == name)
    };
    assert!(below(login, "db.query") && below(login, "password") && below(login, "rate_limit"), "{spans:#?}");
    let user = named(&spans, "GET /api/v1/users/{id}")[0];
    assert!(below(user, "cache"), "{spans:#?}");
    // Redis is asked by the limiter and the cache, below their spans.
    let redis = named(&spans, "redis.query");
    assert!(!redis.is_empty(), "{spans:#?}");
    for span in redis {
        assert!(spans.iter().any(|parent| parent.span_id == span.parent_span_id), "{span:#?}");
    }
    for span in named(&spans, "db.query") {
        let statement = text(&span.attributes, "db.query.text").unwrap();
        assert!(!statement.contains("ann@") && !statement.contains("ann'"), "{statement}");
    }
    let line = running.logged(|line| line["message"] == "auth.login").await;
    assert_eq!(line["trace_id"], TRACE, "{line}");
    until(&inbox, "the record", || {
        logs(&inbox).iter().any(|log| log.event_name == "auth.login" && hex(&log.trace_id) == TRACE)
    })
    .await;
    let record = logs(&inbox).into_iter().find(|log| log.event_name == "auth.login").unwrap();
    assert_eq!(text(&record.attributes, "request_id").as_deref(), line["request_id"].as_str());
}

#[tokio::test]
async fn the_record_of_a_request_carries_its_trace_and_its_span() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox).set("REQUEST_LOGGING_ENABLED", "true").start().await;
    let request = client().get(running.url("/api/v1/users/me")).header("x-request-id", "the-one");
    let answer = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let messages = ["http.request", "http.exchange.request", "http.exchange.response"];
    let of_request = |name: &'static str| {
        move |log: &opentelemetry_proto::tonic::logs::v1::LogRecord| {
            log.event_name == name && text(&log.attributes, "request_id").as_deref() == Some("the-one")
        }
    };
    for name in messages {
        until(&inbox, name, || logs(&inbox).iter().any(of_request(name))).await;
    }
    until(&inbox, "the span", || !named(&spans(&inbox), "GET /api/v1/users/me").is_empty()).await;
    let spans = spans(&inbox);
    let root = named(&spans, "GET /api/v1/users/me")[0];
    for name in messages {
        let record = logs(&inbox).into_iter().find(of_request(name)).unwrap();
        assert_eq!((hex(&record.trace_id).as_str(), record.flags), (TRACE, 1), "{record:?}");
        assert_eq!(record.span_id, root.span_id, "{record:?}");
    }
}

#[tokio::test]
async fn a_span_keeps_the_tracestate_of_its_caller_and_names_its_scheme() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox).set("SECURITY_TRUSTED_PROXIES", "127.0.0.1").start().await;
    let ask = |state: &'static str, forwarded: &'static str| {
        let request =
            client().get(running.url("/health")).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
        let request = request.header("tracestate", state).header("x-forwarded-for", "203.0.113.7");
        request.header("x-forwarded-proto", forwarded).send()
    };
    ask("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "https").await.unwrap();
    ask("Not=A,State", "http").await.unwrap();
    until(&inbox, "both spans", || named(&spans(&inbox), "GET /health").len() == 2).await;
    let spans = spans(&inbox);
    let mut told: Vec<_> = named(&spans, "GET /health")
        .into_iter()
        .map(|span| (span.trace_state.as_str(), text(&span.attributes, "url.scheme").unwrap()))
        .collect();
    told.sort_unstable();
    let wanted = [("", "http"), ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "https")];
    assert_eq!(told, wanted.map(|(state, scheme)| (state, scheme.to_owned())));
    let is_scheme =
        |attribute: &&opentelemetry_proto::tonic::common::v1::KeyValue| attribute.key == "url.scheme";
    assert!(spans.iter().all(|span| span.attributes.iter().filter(is_scheme).count() <= 1));
}

/// The id of the process that sent the letter.
fn instance(letter: &palisade_testkit::Letter) -> Option<String> {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    let request = <ExportTraceServiceRequest as prost::Message>::decode(&*letter.body).ok()?;
    text(&request.resource_spans.first()?.resource.as_ref()?.attributes, "service.instance.id")
}

#[tokio::test]
async fn each_process_has_an_instance_id_of_its_own() {
    let mut ids = Vec::new();
    for given in [None, None, Some("blue-7")] {
        let inbox = Inbox::open().unwrap();
        let setup = exporting(&inbox);
        let setup = match given {
            Some(id) => setup.set("OTEL_RESOURCE_ATTRIBUTES", format!("service.instance.id={id}")),
            None => setup,
        };
        let running = setup.start().await;
        client().get(running.url("/health")).send().await.unwrap();
        let letter = inbox.wait_for(PATIENCE, |letter| letter.target == "/v1/traces").await.unwrap();
        ids.push(instance(&letter).unwrap());
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!((ids[0].len(), ids[2].as_str()), (36, "blue-7"));
}

#[tokio::test]
async fn a_malformed_traceparent_begins_a_new_trace() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox).start().await;
    let zeros = "0".repeat(32);
    for traceparent in [
        "".to_owned(),
        "x".to_owned(),
        format!("00-{zeros}-{PARENT}-01"),
        format!("00-{TRACE}-{PARENT}"),
        format!("ff-{TRACE}-{PARENT}-01"),
        format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
    ] {
        let answer =
            client().get(running.url("/health")).header("traceparent", &traceparent).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{traceparent}");
    }
    // Two of them: nobody can say which the others saw.
    let two = client().get(running.url("/health")).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    two.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await.unwrap();
    until(&inbox, "seven roots", || named(&spans(&inbox), "GET /health").len() == 7).await;
    let spans = spans(&inbox);
    let mut traces: Vec<_> = spans.iter().map(|span| hex(&span.trace_id)).collect();
    assert!(spans.iter().all(|span| span.parent_span_id.is_empty()) && !traces.contains(&TRACE.to_owned()));
    traces.sort_unstable();
    traces.dedup();
    assert_eq!(traces.len(), 7, "each begins one of its own");
}

#[tokio::test]
async fn what_waits_is_sent_before_the_end() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox)
        .set("OTEL_BSP_SCHEDULE_DELAY", "3600000")
        .set("OTEL_BLRP_SCHEDULE_DELAY", "3600000")
        .set("OTEL_METRIC_EXPORT_INTERVAL", "3600000")
        .start()
        .await;
    for _ in 0..5 {
        client().get(running.url("/health")).send().await.unwrap();
    }
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
    assert_eq!(named(&spans(&inbox), "GET /health").len(), 5);
    assert!(logs(&inbox).iter().any(|log| log.event_name == "server.stopped"));
    let requests = [("method", "GET"), ("route", "/health"), ("status", "200")];
    assert_eq!(number(&inbox, "http_requests_total", &requests), Some(5.0));
    assert!(metrics(&inbox).len() > 30);
}

#[tokio::test]
async fn a_collector_that_is_gone_slow_or_angry_costs_no_request() {
    // A port that is held and refuses: one that is given back can be the next test's inbox.
    let gone = tokio::net::TcpSocket::new_v4().unwrap();
    gone.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = format!("http://{}", gone.local_addr().unwrap());
    let hanging = Inbox::open().unwrap();
    hanging.hang(true);
    let angry = Inbox::open().unwrap();
    angry.answer(500, &[]);
    for (what, endpoint) in [("gone", address), ("hanging", hanging.url("")), ("angry", angry.url(""))] {
        let running = exporting(&angry)
            .set("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
            .set("OTEL_EXPORTER_OTLP_TIMEOUT", "500")
            .set("OTEL_BSP_MAX_QUEUE_SIZE", "64")
            .set("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16")
            .start()
            .await;
        let client = client();
        // Were each to wait for the collector, all would wait for minutes.
        for _ in 0..400 {
            assert_eq!(client.get(running.url("/health")).send().await.unwrap().status(), 200, "{what}");
        }
        running
            .logged(|line| line["message"] == "telemetry.export_failed" && line["signal"] == "traces")
            .await;
        wait::for_ok("spans are dropped and counted", async || {
            let exposition =
                client.get(format!("http://{}/metrics", running.management)).send().await.unwrap();
            let seen = crate::telemetry::samples(&exposition.text().await.unwrap());
            let lost =
                |name: &str| seen.get(&format!(r#"telemetry_{name}_total{{signal="traces"}}"#)).copied();
            if lost("export_failures") > Some(0.0) && lost("dropped") > Some(0.0) {
                return Ok(());
            }
            Err(seen)
        })
        .await;
        let told = running.log().iter().filter(|line| line["message"] == "telemetry.export_failed").count();
        assert!(told <= 3, "{what}: once for each signal, not {told} times");
        running.signal(Signal::SIGTERM);
        running.ended().await.expect(0);
    }
}

#[tokio::test]
async fn a_collector_that_comes_back_is_found() {
    let inbox = Inbox::open().unwrap();
    inbox.answer(503, &["Retry-After: 1"]);
    let running = exporting(&inbox).start().await;
    client().get(running.url("/health")).send().await.unwrap();
    running.logged(|line| line["message"] == "telemetry.export_failed" && line["signal"] == "traces").await;
    inbox.answer(200, &[]);
    running
        .logged(|line| line["message"] == "telemetry.export_recovered" && line["signal"] == "traces")
        .await;
    until(&inbox, "the span was kept", || !named(&spans(&inbox), "GET /health").is_empty()).await;
}

#[tokio::test]
async fn headers_and_attributes_are_those_of_the_settings() {
    let inbox = Inbox::open().unwrap();
    let running = exporting(&inbox)
        .set("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=blue,authorization=Bearer%20s3cret")
        .set("OTEL_SERVICE_NAME", "shop")
        .set("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging,service.version=9")
        .start()
        .await;
    client().get(running.url("/health")).send().await.unwrap();
    let letter = inbox.wait_for(PATIENCE, |letter| letter.target == "/v1/traces").await.unwrap();
    assert_eq!((letter.header("x-tenant"), letter.header("authorization")), ("blue", "Bearer s3cret"));
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    let request = <ExportTraceServiceRequest as prost::Message>::decode(&*letter.body).unwrap();
    let resource = request.resource_spans[0].resource.clone().unwrap().attributes;
    for (key, value) in
        [("service.name", "shop"), ("service.version", "9"), ("deployment.environment.name", "staging")]
    {
        assert_eq!(text(&resource, key).as_deref(), Some(value), "{resource:?}");
    }
}
