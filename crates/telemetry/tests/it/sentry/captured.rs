//! What an event has in it.

use std::{error::Error, sync::Arc, task::Poll};

use palisade_core::{Environment, Ids, RequestContext, RequestId, SystemClock, SystemRandom, TraceContext};
use palisade_telemetry::metrics::Off;
use palisade_telemetry::{Also, Logs, Settings, correlation::Correlated, critical, log_panics};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KEY, LIMIT, server::Server, start, with};
use crate::masking::planted::canary;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Link(&'static str, #[source] Option<Box<Link>>);

/// The event that Sentry gets of what `log` logs.
fn event(log: impl FnOnce()) -> Value {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    with(&sentry, log);
    let event = server.next().event();
    assert!(sentry.close(LIMIT));
    assert!(server.rest().is_empty());
    event
}

#[test]
fn an_error_arrives_where_it_belongs() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    with(&sentry, || {
        tracing::error!(target: "kitchen", route = "/meals/{id}", method = "GET", status = 500, code = "internal",
            reason = "oven", error = "burnt", cause = "too hot: thermostat", guests = 3, warm = true, "meal.lost");
    });
    let request = server.next();
    assert!(sentry.close(LIMIT));
    assert_eq!(request.line, "POST /base/api/42/envelope/ HTTP/1.1");
    assert_eq!(request.headers["content-type"], "application/x-sentry-envelope");
    let auth = &request.headers["x-sentry-auth"];
    assert!(auth.starts_with("Sentry ") && auth.contains(&format!("sentry_key={KEY}")), "{auth}");
    assert!(auth.contains("sentry_version=7") && auth.contains("sentry_client=palisade/"), "{auth}");
    let event = request.event();
    assert_eq!((&event["message"], &event["environment"]), (&json!("meal.lost"), &json!("staging")));
    assert_eq!((&event["release"], &event["server_name"]), (&json!("palisade@1.2.3"), &json!("node-7")));
    assert_eq!(event.get("level"), None, "an error unless it says otherwise");
    let tags = json!({"target": "kitchen", "route": "/meals/{id}", "method": "GET", "status": "500", "code": "internal", "reason": "oven"});
    assert_eq!(event["tags"], tags);
    assert_eq!(event["extra"], json!({"guests": 3, "warm": true}));
    assert_eq!(event["fingerprint"], json!(["meal.lost", "internal", "/meals/{id}"]));
    let exceptions = json!([
        {"type": "cause", "value": "too hot: thermostat"},
        {"type": "meal.lost", "value": "burnt", "mechanism": {"type": "tracing", "handled": true}},
    ]);
    assert_eq!(event["exception"], json!({"values": exceptions}));
}

#[test]
fn only_errors_are_sent_and_critical_ones_are_fatal() {
    let event = event(|| {
        tracing::warn!("warned");
        tracing::info!("told");
        critical!(backend = "redis", "cache.lost");
    });
    assert_eq!((&event["message"], &event["level"]), (&json!("cache.lost"), &json!("fatal")));
    assert_eq!(event.get("exception"), None);
}

#[test]
fn the_links_of_an_error_are_told_one_by_one() {
    let error = Link("no pool", Some(Box::new(Link("refused", Some(Box::new(Link("no route", None)))))));
    let event = event(|| tracing::error!(error = &error as &dyn Error, "database.lost"));
    let values = event["exception"]["values"].as_array().unwrap().iter();
    let values: Vec<_> = values.map(|exception| (&exception["type"], &exception["value"])).collect();
    let (cause, lost) = (json!("cause"), json!("database.lost"));
    let wanted = [(&cause, &json!("no route")), (&cause, &json!("refused")), (&lost, &json!("no pool"))];
    assert_eq!(values, wanted);
}

#[test]
fn what_is_hidden_across_two_links_stays_hidden() {
    let error = Link("bad password", Some(Box::new(Link("hunter2hunter2", None))));
    let event = event(|| tracing::error!(error = &error as &dyn Error, "m"));
    let shown = event.to_string();
    assert!(shown.contains("bad password") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_request_and_its_trace_are_named() {
    let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
    let trace = TraceContext { trace_id: [0xab; 16], parent_id: [0xcd; 8], sampled: false };
    let context =
        RequestContext { request_id: RequestId::generate(&ids), trace: Some(trace), trace_state: None };
    let request_id = context.request_id.to_string();
    let event = event(|| {
        let work = std::future::poll_fn(|_| {
            tracing::error!("m");
            Poll::Ready(())
        });
        let mut work = std::pin::pin!(Correlated::new(work, context, None));
        let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(work.as_mut().poll(&mut waker).is_ready());
    });
    assert_eq!(event["tags"]["request_id"], request_id);
    assert_eq!(event["tags"]["trace_id"], "ab".repeat(16));
    let trace = json!({"type": "trace", "trace_id": "ab".repeat(16), "span_id": "cd".repeat(8)});
    assert_eq!(event["contexts"]["trace"], trace);
}

/// The one test that takes the program's logs and its hook of panics.
#[test]
fn a_panic_is_an_unhandled_exception_and_logs_bring_it() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    let mut also = Also::nobody();
    also.sentry = Some(sentry.clone());
    let _logs = Logs::install(&Settings::default(), Environment::Test, false, &also, &Off::shared()).unwrap();
    log_panics();
    let panicked = std::thread::spawn(|| panic!("for ann@example.com")).join();
    assert!(panicked.is_err());
    let event = server.next().event();
    assert!(sentry.close(LIMIT));
    let [exception] = &event["exception"]["values"].as_array().unwrap()[..] else { panic!("{event}") };
    assert_eq!(
        (&exception["type"], &exception["value"]),
        (&json!("process.panic"), &json!("for a***@example.com"))
    );
    assert_eq!(exception["mechanism"], json!({"type": "panic", "handled": false}));
    let [frame] = &exception["stacktrace"]["frames"].as_array().unwrap()[..] else { panic!("{event}") };
    assert!(
        file!().ends_with(frame["filename"].as_str().unwrap()) && frame["lineno"].as_u64() > Some(0),
        "{frame}"
    );
    assert_eq!(event["fingerprint"][3], event["extra"]["location"]);
}

#[test]
fn a_sensitive_field_is_hidden_whatever_it_holds() {
    let event = event(
        || tracing::error!(password = "hunter2", pin = 1234, api_key = ?Some("k"), has_token = true, "m"),
    );
    let extra = json!({"password": "***", "pin": "***", "api_key": "***", "has_token": true});
    assert_eq!(event["extra"], extra);
}

#[test]
fn long_texts_are_cut() {
    let long = "ü ".repeat(100_000);
    let event = event(|| tracing::error!(code = long, note = long, error = long, "{long}"));
    assert_eq!(event["tags"]["code"].as_str().unwrap().chars().count(), 200);
    assert!(event.to_string().len() < 64 * 1_024);
}

#[test]
fn no_canary_is_in_any_envelope() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    let sent = runner.run(&canary(), |canary| {
        let (text, error) = (&canary.text, std::io::Error::other(canary.text.clone()));
        with(&sentry, || {
            tracing::error!(code = text, reason = %text, route = text, method = ?text, status = text, request_id = text,
                error = &error as &dyn Error, cause = text, note = text, backtrace = %text, location = text, "lost {text}");
        });
        let body = server.next().body;
        // As JSON writes it, too.
        let escaped = serde_json::to_string(&canary.secret).unwrap();
        let secrets = [canary.secret.as_str(), escaped.trim_matches('"')];
        prop_assert!(secrets.iter().all(|secret| !body.contains(secret)), "{secrets:?} in {body}");
        Ok(())
    });
    assert!(sent.is_ok(), "{sent:?}");
}
