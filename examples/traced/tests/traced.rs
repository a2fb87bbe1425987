//! What the program sends to a collector.
#![expect(clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value as Attribute,
    trace::v1::{Span, span::SpanKind},
};
use palisade_testkit::{Inbox, wait};
use prost::Message as _;
use serde_json::Value;
use tempfile::TempDir;

/// The program in a folder of its own.
struct Running {
    child: Child,
    api: String,
    _folder: TempDir,
}

impl Running {
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_palisade-example-traced"))
            .current_dir(folder.path())
            .env_clear()
            .envs([("SERVER_PORT", "0"), ("MANAGEMENT_PORT", "0")])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut api = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap_or_default();
            if line["message"] == "server.listening" && line["listener"] == "api" {
                api = line["address"].as_str().unwrap().to_owned();
            }
            if line["message"] == "server.ready" {
                return Self { child, api, _folder: folder };
            }
        }
        let _ = child.kill();
        panic!("it ended before it was ready: {:?}", child.wait());
    }

    /// Fetches an order; gives the ids by which we and `tracing-actix-web` know the request.
    async fn order(&self) -> (String, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(format!("http://{}/api/v1/orders/7", self.api)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let ours = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        (ours, answer.text().await.unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spans(inbox: &Inbox) -> Vec<Span> {
    let letters = inbox.letters().into_iter().filter(|letter| letter.target == "/v1/traces");
    let requests = letters.map(|letter| ExportTraceServiceRequest::decode(&*letter.body).unwrap());
    let resources = requests.flat_map(|request| request.resource_spans);
    resources.flat_map(|spans| spans.scope_spans).flat_map(|scope| scope.spans).collect()
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Attribute::StringValue(text) => Some(text),
        Attribute::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

#[tokio::test]
async fn the_root_span_of_tracing_actix_web_is_the_span_of_the_request() {
    let inbox = Inbox::open().unwrap();
    let collector = inbox.url("");
    let running = Running::start(&[
        ("TELEMETRY_MODE", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ]);
    let (ours, theirs) = running.order().await;
    // A request after it: when its span is there, every span of the first one is.
    running.order().await;
    wait::until("both requests at the collector", async || {
        spans(&inbox).iter().filter(|span| span.name == "GET /api/v1/orders/{number}").count() == 2
    })
    .await;
    let all = spans(&inbox);
    let first =
        all.iter().find(|span| attribute(span, "request_id").as_ref() == Some(&ours)).expect("its span");
    let servers =
        all.iter().filter(|span| span.trace_id == first.trace_id && span.kind == i32::from(SpanKind::Server));
    assert_eq!(servers.count(), 1, "one request has one span");
    assert_eq!(attribute(first, "order.number").as_deref(), Some("7"));
    assert_eq!(attribute(first, "tracing_actix_web.request_id"), Some(theirs));
    assert_eq!(attribute(first, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(attribute(first, "http.route").as_deref(), Some("/api/v1/orders/{number}"));
}

#[tokio::test]
async fn where_nothing_is_traced_the_handler_works_unchanged() {
    let running = Running::start(&[]);
    let (_, theirs) = running.order().await;
    assert_eq!(theirs.len(), 36, "an UUID: {theirs}");
}
