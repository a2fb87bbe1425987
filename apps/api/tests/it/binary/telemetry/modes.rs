//! The modes, and settings that cannot be.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::binary::harness::Setup;

async fn lines_of(setup: Setup) -> Vec<Value> {
    let running = setup.start().await;
    for _ in 0..20 {
        reqwest::get(running.url("/health")).await.unwrap();
    }
    running.signal(Signal::SIGTERM);
    let ended = running.ended().await.expect(0);
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn measurements<'a>(lines: &'a [Value], message: &str, name: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message && line["name"] == name).collect()
}

#[tokio::test]
async fn the_log_shows_measurements_where_it_is_asked_to() {
    let lines = lines_of(Setup::new().set("TELEMETRY_MODE", "log")).await;
    let counted = measurements(&lines, "metric.counter", "http_requests_total");
    assert_eq!(counted.len(), 20);
    assert_eq!(counted[0]["value"], 1);
    assert_eq!(counted[0]["tags"]["method"], "GET");
    assert_eq!(counted[0]["tags"]["route"], "/health");
    assert_eq!(counted[0]["tags"]["status"], "200");
    let took = measurements(&lines, "metric.histogram", "http_request_duration_ms");
    assert_eq!(took.len(), 20);
    assert!(took[0]["value"].as_f64().is_some_and(|took| took > 0.0), "{}", took[0]);
}

#[tokio::test]
async fn a_share_of_nothing_is_nothing_and_half_is_half() {
    let lines = lines_of(Setup::new().set("TELEMETRY_MODE", "log").set("TELEMETRY_SAMPLE_RATE", "0")).await;
    assert!(lines.iter().all(|line| line["target"] != "metric"));
    let lines = lines_of(Setup::new().set("TELEMETRY_MODE", "log").set("TELEMETRY_SAMPLE_RATE", "0.5")).await;
    let all = lines.iter().filter(|line| line["target"] == "metric").count();
    let of_requests = measurements(&lines, "metric.counter", "http_requests_total").len();
    assert!(all > 20 && (1..20).contains(&of_requests), "{of_requests} of {all}");
}

#[tokio::test]
async fn off_is_the_default_and_says_nothing() {
    for setup in [Setup::new(), Setup::new().set("TELEMETRY_MODE", "off")] {
        let lines = lines_of(setup).await;
        assert!(lines.iter().all(|line| line["target"] != "metric"));
    }
}

#[tokio::test]
async fn several_modes_at_once_and_the_accepted_name() {
    for (name, value) in [("TELEMETRY_MODE", "log,prometheus"), ("PROMETHEUS_ENABLED", "true")] {
        let running = Setup::new().set(name, value).start().await;
        let answer = reqwest::get(format!("http://{}/metrics", running.management)).await.unwrap();
        assert_eq!(answer.status(), 200, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_the_start_by_name() {
    let refused: &[(&str, &str, &[&str])] = &[
        ("TELEMETRY_MODE", "loud", &["TELEMETRY_MODE", "loud", "prometheus", "otlp", "off", "log"]),
        ("TELEMETRY_MODE", "off,log", &["TELEMETRY_MODE", "off"]),
        ("TELEMETRY_SAMPLE_RATE", "1.5", &["TELEMETRY_SAMPLE_RATE"]),
        ("TELEMETRY_SAMPLE_RATE", "-0.1", &["TELEMETRY_SAMPLE_RATE"]),
        ("TELEMETRY_SAMPLE_RATE", "often", &["TELEMETRY_SAMPLE_RATE", "often"]),
        ("TELEMETRY_SLOW_REQUEST_MS", "0", &["TELEMETRY_SLOW_REQUEST_MS"]),
        ("SENTRY_DSN", "no address", &["SENTRY_DSN"]),
        ("SENTRY_SAMPLE_RATE", "2", &["SENTRY_SAMPLE_RATE"]),
        ("REQUEST_LOGGING_MAX_BODY_SIZE", "-1", &["REQUEST_LOGGING_MAX_BODY_SIZE"]),
        ("LOG_MASK_PATTERNS", "[\"(\"]", &["LOG_MASK_PATTERNS"]),
    ];
    for (name, value, says) in refused {
        Setup::new().set(name, *value).run().await.expect(2).says(says);
    }
}

/// Values that other SDKs of OpenTelemetry understand.
const OF_OTHER_SDKS: &[(&str, &str)] = &[
    ("OTEL_TRACES_EXPORTER", "otlp,console"),
    ("OTEL_TRACES_EXPORTER", "zipkin"),
    ("OTEL_METRICS_EXPORTER", "prometheus"),
    ("OTEL_LOGS_EXPORTER", "console"),
    ("OTEL_TRACES_SAMPLER", "xray"),
    ("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"),
    ("OTEL_TRACES_SAMPLER_ARG", "endpoint=http://localhost:14250,pollingIntervalMs=5000"),
    ("OTEL_TRACES_SAMPLER_ARG", "2"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://x"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "no equals sign"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
    ("OTEL_SDK_DISABLED", "maybe"),
    ("OTEL_METRICS_EXPORT_INTERVAL", "60000"),
];

#[tokio::test]
async fn values_for_other_sdks_are_noted_and_stop_nothing() {
    for (name, value) in OF_OTHER_SDKS {
        let setup = Setup::new().set("TELEMETRY_MODE", "otlp").set(name, *value);
        let ended = setup.command(&["config", "check"]).run().await.expect(0);
        assert!(ended.stdout.contains(&format!("note: {name} is ")), "{name}={value}: {}", ended.stdout);
    }
    let setup = Setup::new().set("TELEMETRY_MODE", "otlp").set("OTEL_TRACES_EXPORTER", "zipkin");
    let running = setup.set("OTEL_TRACES_SAMPLER", "xray").start().await;
    let note = |line: &Value| line["message"] == "config.note" && line["level"] == "WARN";
    running.logged(note).await;
}

#[tokio::test]
async fn with_telemetry_off_the_variables_of_opentelemetry_are_not_looked_at() {
    for mode in ["off", "prometheus,log"] {
        let setup = Setup::new().set("TELEMETRY_MODE", mode);
        let setup = OF_OTHER_SDKS.iter().fold(setup, |setup, (name, value)| setup.set(name, *value));
        let ended = setup.command(&["config", "check"]).run().await.expect(0);
        assert!(!ended.stdout.contains("OTEL_"), "{}", ended.stdout);
    }
}

#[tokio::test]
async fn exporters_of_other_sdks_are_taken_for_what_they_say() {
    let value = async |name: &str, value: &str| {
        let setup = Setup::new().set("TELEMETRY_MODE", "otlp").set(name, value);
        let ended = setup.command(&["config", "explain", name]).run().await.expect(0);
        let line =
            ended.stdout.lines().find(|line| line.trim_start().starts_with("value")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(value("OTEL_TRACES_EXPORTER", "otlp,console").await, "otlp");
    assert_eq!(value("OTEL_METRICS_EXPORTER", "prometheus").await, "none");
    assert_eq!(value("OTEL_TRACES_SAMPLER", "xray").await, "unset");
}

#[tokio::test]
async fn a_management_listener_that_others_reach_wants_a_token_in_production() {
    let open = || Setup::production().set("MANAGEMENT_HOST", "0.0.0.0");
    open().run().await.expect(2).says(&["MANAGEMENT_TOKEN", "required in production"]);
    open()
        .set("MANAGEMENT_TOKEN", "short")
        .run()
        .await
        .expect(2)
        .says(&["at least 16 bytes"])
        .never_says(&["short"]);
    open()
        .set("MANAGEMENT_ENABLED", "false")
        .set("DATABASE_URL", "nonsense")
        .run()
        .await
        .expect(2)
        .never_says(&["MANAGEMENT_TOKEN"]);
}
