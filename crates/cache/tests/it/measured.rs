//! A cache whose calls are measured is the same cache.

use std::sync::Arc;

use palisade_cache::{
    Caching, MeasuredCache, MemoryCache, MemoryOptions, Namespace, Recipe, Ttl, Typed,
    conformance::{self, Time},
};
use palisade_core::{ManualClock, SystemClock, SystemRandom, Timeline};
use palisade_telemetry::metrics::{Reading, Registry, Telemetry};

fn measured(cache: MemoryCache, registry: &Arc<Registry>) -> MeasuredCache {
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    MeasuredCache::new(Arc::new(cache), "memory", &telemetry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_passes_the_suite() {
    let clock = Arc::new(ManualClock::default());
    let cache = MemoryCache::new(Timeline::following(clock.clone()), MemoryOptions::default());
    let cache = measured(cache, &Arc::default());
    conformance::cache(Arc::new(cache), Time::Turned(clock)).await;
}

#[tokio::test]
async fn hits_misses_and_calls_are_counted() {
    let registry = Arc::new(Registry::new());
    let telemetry: Arc<dyn Telemetry> = registry.clone();
    let memory = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let caching = Caching::measured(Arc::new(memory), Arc::new(SystemRandom), "memory", &telemetry);
    let recipe = Recipe::new(Ttl::seconds(60.try_into().unwrap()));
    let values: Typed<String> = Typed::new(caching, Namespace::new("things").unwrap(), recipe);
    for _ in 0..3 {
        let fetch = || async { Ok::<_, palisade_cache::Error>("value".to_owned()) };
        values.get_or_fetch(7, fetch).await.unwrap();
    }
    let count = |name: &str, labels: &[&str]| {
        let families = registry.read();
        let family = families.iter().find(|family| family.declaration.name == name).unwrap();
        let same = |one: &[Box<str>]| one.iter().map(|label| &**label).eq(labels.iter().copied());
        let series = family.series.iter().find(|series| same(&series.labels));
        series.map(|series| match series.value {
            Reading::Counter(value) | Reading::Gauge(value) => value,
            Reading::Histogram { ref buckets, .. } => buckets.iter().map(|(_, count, _)| *count as f64).sum(),
        })
    };
    assert_eq!(count("cache_hits_total", &["memory"]), Some(2.0));
    assert_eq!(count("cache_misses_total", &["memory"]), Some(1.0));
    assert_eq!(count("cache_entries", &["memory"]), Some(1.0));
    assert_eq!(count("cache_operations_total", &["memory", "fill", "ok"]), Some(1.0));
    assert_eq!(count("cache_operation_duration_seconds", &["memory", "get"]), Some(3.0));
    assert_eq!(count("cache_operations_total", &["memory", "get", "error"]), Some(0.0));
}
