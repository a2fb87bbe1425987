//! Errors as Sentry gets them.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod captured;
mod losses;
mod server;

use std::{sync::Arc, time::Duration};

use palisade_core::Secret;
use palisade_telemetry::metrics::Off;
use palisade_telemetry::{
    Masker,
    metrics::{Reading, Registry, Telemetry},
    sentry::{Sentry, SentryError, SentrySettings},
};
use tracing_subscriber::layer::SubscriberExt as _;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const LIMIT: Duration = Duration::from_secs(30);

/// What sends, and what measures it.
struct Sending {
    sentry: Sentry,
    registry: Arc<Registry>,
}

impl std::ops::Deref for Sending {
    type Target = Sentry;

    fn deref(&self) -> &Sentry {
        &self.sentry
    }
}

/// Starts what sends to `address`.
fn start(address: &str) -> Sending {
    let dsn = format!("http://{KEY}@{address}/base/42");
    start_with(&SentrySettings { dsn: Some(Secret::new(dsn)), ..SentrySettings::default() }, "staging")
}

fn start_with(settings: &SentrySettings, environment: &str) -> Sending {
    let registry = Arc::new(Registry::new());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    let node = Some("node-7");
    let sentry = Sentry::start(settings, environment, "palisade@1.2.3", node, &Masker::default(), &telemetry);
    Sending { sentry: sentry.unwrap().unwrap(), registry }
}

/// Has `sentry` receive what `log` logs.
fn with<T>(sentry: &Sentry, log: impl FnOnce() -> T) -> T {
    tracing::subscriber::with_default(tracing_subscriber::registry().with(sentry.layer()), log)
}

/// Failures and drops, as metrics tell them.
fn losses(sending: &Sending) -> (f64, f64) {
    let families = sending.registry.read();
    let value = |name: &str| {
        let family = families.iter().find(|family| family.declaration.name == name).unwrap();
        let series = family.series.iter().find(|series| *series.labels == ["sentry".into()]).unwrap();
        match series.value {
            Reading::Counter(value) => value,
            _ => panic!("{name} is no counter"),
        }
    };
    (value("telemetry_export_failures_total"), value("telemetry_dropped_total"))
}

fn settings(dsn: &str, sample_rate: f64) -> SentrySettings {
    SentrySettings { dsn: Some(Secret::new(dsn)), sample_rate }
}

#[test]
fn without_a_dsn_it_is_off() {
    for settings in [SentrySettings::default(), settings("", 1.0), settings("  ", 0.5)] {
        settings.check().unwrap();
        assert!(
            Sentry::start(&settings, "local", "1", None, &Masker::default(), &Off::shared())
                .unwrap()
                .is_none()
        );
    }
}

#[test]
fn a_malformed_dsn_is_refused_without_being_repeated() {
    for dsn in [
        "s3cr3tkey",
        "ftp://s3cr3tkey@host/1",
        "https://host/s3cr3tkey",
        "https://s3cr3tkey@host",
        "https://s3cr3tkey@host/",
        "https://s3cr3tkey@:80/1",
        "https://:s3cr3tkey@host/1",
        "s3cr3tkey@host/1",
    ] {
        let settings = settings(dsn, 1.0);
        let (key, error) = settings.check().unwrap_err();
        assert_eq!(key, "dsn", "{dsn}");
        let started =
            Sentry::start(&settings, "local", "1", None, &Masker::default(), &Off::shared()).unwrap_err();
        let shown = format!("{error} {error:?} {started} {started:?} {settings:?}");
        assert!(shown.contains("https://key@host/project") && !shown.contains("s3cr3tkey"), "{shown}");
    }
}

#[test]
fn a_share_is_between_none_and_all() {
    for rate in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let refused = settings("https://key@host/1", rate).check().unwrap_err();
        assert!(matches!(refused, ("sample_rate", SentryError::SampleRate)), "{rate}");
    }
    for rate in [0.0, 0.5, 1.0] {
        settings("https://key@host/1", rate).check().unwrap();
    }
}

#[test]
fn it_does_not_show_its_key() {
    let shown = format!("{:?}", start("localhost:9").sentry);
    assert!(shown.contains("localhost/42") && !shown.contains(KEY), "{shown}");
}

#[test]
fn the_metrics_of_the_export_are_declared_once() {
    let declared = || palisade_telemetry::METRICS.iter().flat_map(|metrics| metrics.iter());
    for name in ["telemetry_export_failures_total", "telemetry_dropped_total"] {
        assert_eq!(declared().filter(|metric| metric.name == name).count(), 1, "{name}");
    }
}
