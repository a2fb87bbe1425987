//! What is measured, and what becomes of it.

use std::sync::{Arc, Mutex};

use palisade_core::{Parse, TraceContext};
use palisade_telemetry::{
    metrics::{Declaration, Measure, Measurement, Off, Reading, Registry, Several, Telemetry, markdown},
    prometheus::Exposition,
};

palisade_telemetry::metrics! {
    /// What these tests measure.
    struct Metrics {
        /// Things, by "kind" and \ place.
        things: Counter["kind", "place"] = "test_things_total", at most 3,
        /// How warm it is.
        warmth: Gauge[] = "test_warmth",
        /// How long it took, in seconds.
        took: Histogram["kind"] = "test_took_seconds",
    }
}

fn kept() -> (Arc<Registry>, Metrics) {
    let registry = Arc::new(Registry::new());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    (registry, Metrics::new(&telemetry))
}

fn values(registry: &Registry, name: &str) -> Vec<(String, f64)> {
    let families = registry.read();
    let family = families.iter().find(|family| family.declaration.name == name);
    let series = family.into_iter().flat_map(|family| &family.series);
    series
        .map(|series| match &series.value {
            Reading::Counter(value) | Reading::Gauge(value) => (series.labels.join(" "), *value),
            Reading::Histogram { buckets, .. } => {
                let count: u64 = buckets.iter().map(|(_, count, _)| count).sum();
                (series.labels.join(" "), count as f64)
            }
        })
        .collect()
}

fn one(labels: &str, value: f64) -> Vec<(String, f64)> {
    vec![(labels.to_owned(), value)]
}

#[test]
fn threads_lose_no_count() {
    let (registry, metrics) = kept();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    metrics.things.with(["a", "b"]).increment();
                    metrics.took.with(["a"]).observe(0.5);
                }
            });
        }
    });
    assert_eq!(values(&registry, "test_things_total"), one("a b", 40_000.0));
    assert_eq!(values(&registry, "test_took_seconds"), one("a", 40_000.0));
    let families = registry.read();
    let sums = families.iter().flat_map(|family| &family.series).filter_map(|series| match &series.value {
        Reading::Histogram { sum, .. } => Some(*sum),
        _ => None,
    });
    let sum: f64 = sums.sum();
    assert!((sum - 20_000.0).abs() < 1e-6, "{sum}");
}

#[test]
fn what_comes_beyond_the_bound_is_counted_as_other() {
    let (registry, metrics) = kept();
    for number in 0..10 {
        metrics.things.with([&number.to_string(), "x"]).increment();
    }
    metrics.things.with(["1", "x"]).increment();
    let seen = values(&registry, "test_things_total");
    let expected: Vec<_> = [("0 x", 1.0), ("1 x", 2.0), ("2 x", 1.0), ("other other", 7.0)]
        .map(|(labels, value)| (labels.to_owned(), value))
        .into();
    assert_eq!(seen, expected);
    assert_eq!(values(&registry, "telemetry_series_dropped_total"), one("test_things_total", 7.0));
}

#[test]
fn two_who_declare_the_same_share_its_series() {
    let registry = Arc::new(Registry::new());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    for _ in 0..2 {
        Metrics::new(&telemetry).things.with(["a", "b"]).increment();
    }
    assert_eq!(values(&registry, "test_things_total"), one("a b", 2.0));
}

#[test]
fn what_is_looked_up_is_fresh_whenever_it_is_read() {
    let (registry, metrics) = kept();
    assert_eq!(values(&registry, "test_warmth"), one("", 0.0), "there from the start");
    let warmth = Arc::new(Mutex::new(20.0));
    let (gauge, source) = (metrics.warmth.with([]), Arc::clone(&warmth));
    registry.before_reading(Box::new(move || gauge.set(*source.lock().unwrap())));
    assert_eq!(values(&registry, "test_warmth"), one("", 20.0));
    *warmth.lock().unwrap() = -3.5;
    assert_eq!(values(&registry, "test_warmth"), one("", -3.5));
}

#[test]
fn a_total_that_is_counted_elsewhere_never_falls() {
    let (registry, metrics) = kept();
    let counter = metrics.things.with(["a", "b"]);
    for total in [5, 9, 7] {
        counter.total(total);
    }
    assert_eq!(values(&registry, "test_things_total"), one("a b", 9.0));
}

#[test]
fn several_receive_the_same_and_off_nothing() {
    /// Writes everything down.
    struct Notes(Arc<Mutex<Vec<String>>>);

    impl Telemetry for Notes {
        fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
            let (notes, series) = (Arc::clone(&self.0), format!("{} {}", metric.name, labels.join(" ")));
            Some(Arc::new(move |measurement: Measurement<'_>| {
                notes.lock().unwrap().push(format!("{series} {measurement:?}"));
            }))
        }
    }

    let (notes, registry) = (Arc::new(Mutex::default()), Arc::new(Registry::new()));
    let several: Arc<dyn Telemetry> = Arc::new(Several(vec![
        Arc::new(Off),
        Arc::new(Notes(Arc::clone(&notes))),
        registry.clone() as Arc<dyn Telemetry>,
    ]));
    let metrics = Metrics::new(&several);
    metrics.things.with(["a", "b"]).add(3);
    metrics.took.with(["a"]).observe(0.25);
    assert_eq!(
        *notes.lock().unwrap(),
        ["test_things_total a b Add(3)", "test_took_seconds a Observe(0.25, None)"]
    );
    assert_eq!(values(&registry, "test_things_total"), one("a b", 3.0));

    let off: Arc<dyn Telemetry> = Arc::new(Off);
    assert_eq!(format!("{:?}", Metrics::new(&off).things), "Family(\"off\")", "nothing is looked up");
    assert!(
        !Metrics::new(&off).things.with(["a", "b"]).is_on() && !Metrics::default().warmth.with([]).is_on()
    );
}

#[test]
fn both_formats_say_the_same_in_their_own_words() {
    let (registry, metrics) = kept();
    metrics.things.with(["qu\"ote", "back\\slash\nand line"]).add(2);
    metrics.warmth.with([]).set(f64::INFINITY);
    let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    metrics.took.with(["a"]).observe_in(0.003, Some(&trace));
    metrics.took.with(["a"]).observe(99.0);
    let families = registry.read();
    let plain = Exposition::Text.write(&families);
    for wanted in [
        "# HELP test_things_total Things, by \\\"kind\\\" and \\\\ place.\n# TYPE test_things_total counter\n",
        "test_things_total{kind=\"qu\\\"ote\",place=\"back\\\\slash\\nand line\"} 2\n",
        "test_warmth +Inf\n",
        "test_took_seconds_bucket{kind=\"a\",le=\"0.0025\"} 0\n",
        "test_took_seconds_bucket{kind=\"a\",le=\"0.005\"} 1\n",
        "test_took_seconds_bucket{kind=\"a\",le=\"10.0\"} 1\n",
        "test_took_seconds_bucket{kind=\"a\",le=\"+Inf\"} 2\n",
        "test_took_seconds_sum{kind=\"a\"} 99.003\ntest_took_seconds_count{kind=\"a\"} 2\n",
    ] {
        assert!(plain.contains(wanted), "no {wanted} in\n{plain}");
    }
    assert!(!plain.contains("# {") && !plain.contains("# EOF") && !plain.contains("# UNIT"));
    let open = Exposition::OpenMetrics.write(&families);
    for wanted in [
        "# TYPE test_things counter\ntest_things_total{",
        "# UNIT test_took_seconds seconds\n",
        "le=\"0.005\"} 1 # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} 0.003 ",
    ] {
        assert!(open.contains(wanted), "no {wanted} in\n{open}");
    }
    assert!(open.ends_with("# EOF\n"));
}

#[test]
fn what_is_not_recorded_is_no_exemplar() {
    let (registry, metrics) = kept();
    let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").unwrap();
    metrics.took.with(["a"]).observe_in(0.003, Some(&trace));
    assert!(!Exposition::OpenMetrics.write(&registry.read()).contains("trace_id"));
}

#[test]
fn the_document_has_a_row_for_each() {
    let document = markdown(Metrics::DECLARED);
    assert!(
        document.contains("| `test_took_seconds` | histogram | `kind` | How long it took, in seconds. |\n")
    );
    assert!(document.find("test_things_total") < document.find("test_took_seconds"));
}
