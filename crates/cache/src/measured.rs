//! What a cache is measured by.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_core::Random;
use palisade_telemetry::{
    metrics::{Counter, Declaration, Gauge, Histogram, Telemetry},
    trace_span,
};
use tracing::Instrument as _;

use crate::{Cache, CacheFuture, CacheKey, Caching, Claimed, Entry, Hit, Over, Pattern, Stats, Tag, Token};

palisade_telemetry::metrics! {
    /// What is measured of a cache.
    pub(crate) struct Metrics {
        /// Values that were found. Of callers who wait for one fetch together one is counted.
        hits: Counter["cache"] = "cache_hits_total",
        /// Values that were not.
        misses: Counter["cache"] = "cache_misses_total",
        /// Calls of the backend by operation and outcome: `ok`, or `error` where it did not answer.
        operations: Counter["cache", "operation", "outcome"] = "cache_operations_total",
        /// How long they took, in seconds.
        duration: Histogram["cache", "operation"] = "cache_operation_duration_seconds",
        /// Values that are kept in the memory of this process.
        entries: Gauge["cache"] = "cache_entries",
        /// Values that were removed from it to make room.
        evictions: Counter["cache"] = "cache_evictions_total",
        /// Values that wait to be written behind.
        pub(crate) write_behind_pending: Gauge["cache"] = "cache_write_behind_pending",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// A cache whose calls are measured.
pub struct MeasuredCache {
    cache: Arc<dyn Cache>,
    operations: Operations,
}

impl MeasuredCache {
    /// Measures the calls of `cache`; `name` tells it from others: its technology, as a rule.
    #[must_use]
    pub fn new(cache: Arc<dyn Cache>, name: &str, telemetry: &Arc<dyn Telemetry>) -> Self {
        let metrics = Metrics::new(telemetry);
        let operations = Operations::new(&metrics, name);
        let (entries, evictions) = (metrics.entries.with([name]), metrics.evictions.with([name]));
        let held = Arc::clone(&cache);
        telemetry.before_reading(Box::new(move || tell_held(&*held, &entries, &evictions)));
        Self { cache, operations }
    }
}

/// Tells what memory holds. What would have to be asked over the network is not: whoever scrapes must not wait for it.
fn tell_held(cache: &dyn Cache, entries: &Gauge, evictions: &Counter) {
    if let CacheFuture::Now(Some(Ok(stats))) = cache.stats() {
        entries.set_count(usize::try_from(stats.entries).unwrap_or(usize::MAX));
        evictions.total(stats.evictions.unwrap_or_default());
    }
}

impl Caching {
    /// The same as [`start`](Self::start), with hits, misses and the calls of `cache` measured under `name`: its technology,
    /// as a rule.
    #[must_use]
    pub fn measured(
        cache: Arc<dyn Cache>,
        random: Arc<dyn Random>,
        name: &str,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Self {
        let measured = Self::start(Arc::new(MeasuredCache::new(cache, name, telemetry)), random);
        let metrics = Metrics::new(telemetry);
        let (hits, misses) = (metrics.hits.with([name]), metrics.misses.with([name]));
        let caching = measured.clone();
        telemetry.before_reading(Box::new(move || {
            let counters = caching.counters();
            hits.total(counters.hits);
            misses.total(counters.misses);
        }));
        measured
    }
}

/// One operation of the backend.
struct Operation {
    name: &'static str,
    ok: Counter,
    error: Counter,
    duration: Histogram,
}

impl Operation {
    fn new(metrics: &Metrics, cache: &str, operation: &'static str) -> Self {
        Self {
            name: operation,
            ok: metrics.operations.with([cache, operation, "ok"]),
            error: metrics.operations.with([cache, operation, "error"]),
            duration: metrics.duration.with([cache, operation]),
        }
    }

    fn measure<'a, T: Unpin + Send + 'a>(
        &'a self,
        ask: impl FnOnce() -> CacheFuture<'a, T>,
    ) -> CacheFuture<'a, T> {
        let begun = Instant::now();
        let span = trace_span!("cache", operation = self.name);
        match span.in_scope(ask) {
            CacheFuture::Now(answer) => {
                self.done(begun.elapsed(), answer.as_ref().is_some_and(crate::Result::is_ok));
                CacheFuture::Now(answer)
            }
            CacheFuture::Later(answer) => CacheFuture::later(
                async move {
                    let answer = answer.await;
                    self.done(begun.elapsed(), answer.is_ok());
                    answer
                }
                .instrument(span),
            ),
        }
    }

    fn done(&self, took: Duration, is_ok: bool) {
        self.duration.observe_duration(took);
        if is_ok { &self.ok } else { &self.error }.increment();
    }
}

macro_rules! measured {
    ($($operation:ident($($argument:ident: $Argument:ty),*) -> $Given:ty;)+) => {
        struct Operations {
            $($operation: Operation,)+
        }

        impl Operations {
            fn new(metrics: &Metrics, cache: &str) -> Self {
                Self { $($operation: Operation::new(metrics, cache, stringify!($operation)),)+ }
            }
        }

        impl Cache for MeasuredCache {
            $(fn $operation<'a>(&'a self, $($argument: $Argument),*) -> CacheFuture<'a, $Given> {
                self.operations.$operation.measure(|| self.cache.$operation($($argument),*))
            })+
        }
    };
}

measured! {
    get(key: &'a CacheKey) -> Option<Hit>;
    get_many(keys: &'a [CacheKey]) -> Vec<Option<Hit>>;
    set(entry: Entry) -> ();
    set_many(entries: Vec<Entry>) -> ();
    delete(key: &'a CacheKey) -> bool;
    delete_matching(pattern: &'a Pattern) -> u64;
    delete_tagged(tag: &'a Tag) -> u64;
    claim(key: &'a CacheKey, claim: Token, span: Duration, tags: &'a [Tag]) -> Claimed;
    renew(key: &'a CacheKey, claim: Token, span: Duration) -> bool;
    fill(entry: Entry, over: Over) -> bool;
    release(key: &'a CacheKey, claim: Token) -> ();
    begin_write(key: &'a CacheKey, write: Token, span: Duration) -> ();
    end_write(key: &'a CacheKey, write: Token, written: Option<Entry>) -> ();
    stats() -> Stats;
}

impl fmt::Debug for MeasuredCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cache.fmt(f)
    }
}
