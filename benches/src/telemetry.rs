//! What a measurement costs, where nobody reads it and where it is kept, and how long a scrape takes. One JSON line per
//! figure. `telemetry count NAME CALLS` makes so many calls of one contender, for callgrind to count.
#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

#[path = "telemetry/masking.rs"]
mod masking;
mod rounds;

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_core::TraceContext;
use palisade_telemetry::{
    Masker,
    metrics::{Off, Registry, Telemetry},
    prometheus::Exposition,
};
use rounds::{Contender, Contenders, in_batches};

type Problem = Box<dyn std::error::Error + Send + Sync>;

const CALLS: usize = 1_000_000;
/// How many series there are when a scrape is timed, and how often it is.
const SERIES: usize = 10_000;
const SCRAPES: usize = 20;

palisade_telemetry::metrics! {
    /// What is measured here.
    struct Metrics {
        /// Counted.
        counted: Counter["method", "route", "status"] = "bench_counted_total", at most 20000,
        /// Timed.
        timed: Histogram["route"] = "bench_timed_seconds",
    }
}

struct Calls<C>(C);

impl<C: Fn() + Sync> Contender for Calls<C> {
    fn time(&self, from: usize, keys: usize, calls: usize) -> Duration {
        in_batches(from, keys, calls, |_| (), |()| (self.0)())
    }
}

fn main() -> Result<(), Problem> {
    let contenders = contenders();
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for threads in [1, 2] {
                for (name, ns) in rounds::best(&contenders, 1, threads, CALLS) {
                    println!(r#"{{"name":"{name}","threads":{threads},"ns":{ns:.1}}}"#);
                }
            }
            scrapes();
            masking::print_growth();
            Ok(())
        }
        ["count", wanted, calls] => {
            let chosen = contenders.iter().find(|(name, _)| *name == wanted);
            let (_, contender) = chosen.ok_or("there is none of that name")?;
            black_box(contender.time(0, 1, calls.parse()?));
            Ok(())
        }
        _ => Err("usage: telemetry [count NAME CALLS]".into()),
    }
}

fn contenders() -> Box<Contenders<'static>> {
    let (off, kept) = (measuring(Arc::new(Off)), measuring(Arc::new(Registry::new())));
    let labels = ["GET", "/api/v1/users/{id}", "200"];
    let (off_counter, counter) = (off.counted.with(labels), kept.counted.with(labels));
    let (timer, traced) = (kept.timed.with([labels[1]]), kept.timed.with([labels[1]]));
    let trace = TraceContext { trace_id: [7; 16], parent_id: [7; 8], sampled: true };
    let masker = Masker::default();
    let ordinary = ["GET", "/api/v1/users/{id}", "127.0.0.1", "01890000-0000-7000-8000-000000000000"];
    Box::new([
        ("counter, off", Box::new(Calls(move || off_counter.increment())) as Box<dyn Contender>),
        ("look-up and counter, off", Box::new(Calls(move || off.counted.with(labels).increment()))),
        ("counter", Box::new(Calls(move || counter.increment()))),
        (
            "look-up of three labels and counter",
            Box::new(Calls(move || kept.counted.with(labels).increment())),
        ),
        ("histogram", Box::new(Calls(move || timer.observe(0.004)))),
        ("histogram with an exemplar", Box::new(Calls(move || traced.observe_in(0.004, Some(&trace))))),
        (
            "masking four ordinary values",
            Box::new(Calls(move || ordinary.iter().for_each(|text| drop(black_box(masker.text(text)))))),
        ),
    ])
}

fn measuring(telemetry: Arc<dyn Telemetry>) -> Metrics {
    Metrics::new(&telemetry)
}

/// Series in the proportion of a server's: counters, and histograms of fourteen samples and more each.
fn scrapes() {
    let registry = Arc::new(Registry::new());
    let metrics = measuring(Arc::clone(&registry) as Arc<dyn Telemetry>);
    // A histogram is a series for each bucket, the sum and the count.
    let histograms = SERIES / 2 / 16;
    for number in 0..histograms {
        metrics.timed.with([&format!("/route/{number}")]).observe(0.004);
    }
    for number in 0..SERIES - histograms * 16 {
        metrics.counted.with(["GET", &format!("/route/{number}"), "200"]).increment();
    }
    for exposition in [Exposition::Text, Exposition::OpenMetrics] {
        let mut took: Vec<f64> = Vec::new();
        let mut bytes = 0;
        for _ in 0..SCRAPES {
            let begun = Instant::now();
            bytes = exposition.write(&registry.read()).len();
            took.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        let median = took.get(SCRAPES / 2).copied().unwrap_or(f64::NAN);
        println!(
            r#"{{"scrape":"{exposition:?}","series":{SERIES},"ms":{median:.2},"kib":{}}}"#,
            bytes / 1_024
        );
    }
}
