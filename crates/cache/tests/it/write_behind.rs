//! Writes that return before the source has them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use palisade_cache::{
    Aside, CacheKey, Caching, Error, FileAside, MemoryCache, MemoryOptions, Namespace, Recipe, Record, Sink,
    SinkError, Strategy, Ttl, Typed, WriteBehind, WriteBehindOptions, WriteBehindParts,
};
use palisade_core::{SystemClock, SystemRandom, Timeline};
use palisade_resilience::Backoff;
use palisade_telemetry::metrics::Off;
use tokio::{sync::Semaphore, time::Instant};

const LONG: Duration = Duration::from_secs(60);

/// A source that fails when told to, and takes a write only when it has a permit for it.
struct Source {
    seen: Mutex<Vec<(String, u32)>>,
    failures: AtomicU32,
    for_good: bool,
    permits: Semaphore,
}

impl Source {
    fn new(failures: u32) -> Arc<Self> {
        Self::with(failures, false, Semaphore::MAX_PERMITS)
    }

    fn with(failures: u32, for_good: bool, permits: usize) -> Arc<Self> {
        let (seen, permits) = (Mutex::default(), Semaphore::new(permits));
        Arc::new(Self { seen, failures: AtomicU32::new(failures), for_good, permits })
    }

    fn seen(&self) -> Vec<(String, u32)> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sink<u32> for Source {
    async fn write(&self, key: &CacheKey, value: &u32) -> Result<(), SinkError> {
        self.permits.acquire().await.unwrap().forget();
        let failing = |left: u32| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing).is_ok() {
            let error = "the source is away".into();
            return Err(if self.for_good {
                SinkError::Permanent(error)
            } else {
                SinkError::Transient(error)
            });
        }
        self.seen.lock().unwrap().push((key.as_str().to_owned(), *value));
        Ok(())
    }
}

/// Keeps records in memory, after failing so many times.
#[derive(Default)]
struct Shelf {
    records: Mutex<Vec<Record>>,
    failures: AtomicU32,
}

impl Aside for Shelf {
    fn keep(&self, record: &Record) -> std::io::Result<()> {
        let failing = |left: u32| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing).is_ok() {
            return Err(std::io::Error::other("no room"));
        }
        self.records.lock().unwrap().push(record.clone());
        Ok(())
    }
}

impl Shelf {
    fn records(&self) -> Vec<(String, serde_json::Value)> {
        let records = self.records.lock().unwrap();
        let mut records: Vec<_> =
            records.iter().map(|record| (record.key.clone(), record.value.clone())).collect();
        records.sort_by(|one, other| one.0.cmp(&other.0));
        records
    }
}

fn values() -> Typed<u32> {
    let memory = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let caching = Caching::start(Arc::new(memory), Arc::new(SystemRandom));
    let recipe = Recipe::new(Ttl::from_seconds(300).unwrap()).strategy(Strategy::WriteBehind);
    Typed::new(caching, Namespace::new("seen").unwrap(), recipe)
}

fn start(sink: Arc<Source>, aside: Arc<dyn Aside>, options: WriteBehindOptions) -> WriteBehind<u32> {
    let backoff = Backoff::standard(Arc::new(SystemRandom));
    let (clock, telemetry) = (Arc::new(SystemClock), Off::shared());
    let parts = WriteBehindParts {
        values: values(),
        sink,
        aside,
        backoff,
        clock,
        name: "seen".to_owned(),
        telemetry,
    };
    WriteBehind::start(parts, options)
}

fn one_at_a_time() -> WriteBehindOptions {
    WriteBehindOptions { concurrency: 1, ..WriteBehindOptions::default() }
}

#[tokio::test(start_paused = true)]
async fn what_is_put_is_read_at_once_and_reaches_the_source() {
    let source = Source::new(0);
    let writes = start(source.clone(), Arc::new(Shelf::default()), WriteBehindOptions::default());
    for value in 0..100 {
        writes.put(value % 10, &value).await.unwrap();
        assert_eq!(writes.get(value % 10).await.unwrap(), Some(value));
    }
    assert_eq!(writes.close(LONG).await.aside, 0);
    for id in 0..10 {
        let of_id = format!("seen:{id}");
        let last = source.seen().into_iter().rfind(|(key, _)| *key == of_id);
        assert_eq!(last, Some((of_id, 90 + id)), "the newest comes last");
        assert_eq!(writes.get(id).await.unwrap(), Some(90 + id), "and stays cached");
    }
    let counters = writes.counters();
    assert_eq!((counters.pending, counters.written + counters.coalesced), (0, 100));
}

#[tokio::test(start_paused = true)]
async fn of_a_key_that_is_written_often_the_source_sees_the_newest() {
    let source = Source::with(0, false, 0);
    let writes = start(source.clone(), Arc::new(Shelf::default()), one_at_a_time());
    for value in 0..1_000 {
        writes.put("ann", &value).await.unwrap();
    }
    source.permits.add_permits(1_000);
    writes.close(LONG).await;
    let seen: Vec<u32> = source.seen().into_iter().map(|(_, value)| value).collect();
    assert!(seen.len() <= 2 && seen.last() == Some(&999), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_new_keys_and_takes_newer_values() {
    let source = Source::with(0, false, 0);
    let options = WriteBehindOptions { capacity: 3, ..one_at_a_time() };
    let writes = start(source.clone(), Arc::new(Shelf::default()), options);
    for id in 0..3 {
        writes.put(id, &id).await.unwrap();
    }
    assert_eq!(writes.put(3, &3).await, Err(Error::QueueFull(3)));
    assert_eq!(writes.get(3).await.unwrap(), None, "what was refused is nowhere");
    writes.put(2, &22).await.unwrap();
    source.permits.add_permits(10);
    writes.close(LONG).await;
    assert_eq!(source.seen().len(), 3);
    assert_eq!(writes.counters().refused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_is_tried_again_with_pauses() {
    let source = Source::new(5);
    let writes = start(source.clone(), Arc::new(Shelf::default()), WriteBehindOptions::default());
    let start = Instant::now();
    writes.put("ann", &1).await.unwrap();
    while writes.counters().pending > 0 {
        tokio::time::advance(Duration::from_millis(10)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(source.seen(), [("seen:ann".to_owned(), 1)]);
    assert_eq!(writes.counters().failed, 5);
    assert!(start.elapsed() > Duration::from_millis(10), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_kept_aside() {
    for for_good in [false, true] {
        let source = Source::with(u32::MAX, for_good, Semaphore::MAX_PERMITS);
        let shelf = Arc::new(Shelf::default());
        // A shelf without room is asked again.
        shelf.failures.store(3, Ordering::SeqCst);
        let writes = start(source.clone(), shelf.clone(), WriteBehindOptions::default());
        for id in 0..5 {
            writes.put(id, &id).await.unwrap();
        }
        writes.close(LONG * 10).await;
        let wanted: Vec<_> = (0..5).map(|id| (format!("seen:{id}"), id.into())).collect();
        assert_eq!(shelf.records(), wanted);
        let attempts = if for_good { 1 } else { WriteBehindOptions::default().attempts };
        assert_eq!(writes.counters().failed, u64::from(5 * attempts));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_when_time_is_up_is_kept_aside() {
    let source = Source::with(0, false, 2);
    let shelf = Arc::new(Shelf::default());
    let options = WriteBehindOptions { timeout: LONG * 10, ..WriteBehindOptions::default() };
    let writes = start(source.clone(), shelf.clone(), options);
    for id in 0..10 {
        writes.put(id, &id).await.unwrap();
    }
    let before = Instant::now();
    let closed = writes.close(Duration::from_secs(5)).await;
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    assert_eq!((source.seen().len(), closed.aside, shelf.records().len()), (2, 8, 8));
    assert!(matches!(writes.put(1, &1).await, Err(Error::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_it_is_dropped_is_kept_aside() {
    let shelf = Arc::new(Shelf::default());
    let writes = start(Source::with(0, false, 0), shelf.clone(), WriteBehindOptions::default());
    for id in 0..10 {
        writes.put(id, &id).await.unwrap();
    }
    drop(writes);
    assert_eq!(shelf.records().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_costs_its_time_limit() {
    let source = Source::with(0, false, 0);
    let shelf = Arc::new(Shelf::default());
    let options = WriteBehindOptions { attempts: 2, ..WriteBehindOptions::default() };
    let writes = start(source, shelf.clone(), options);
    writes.put("ann", &1).await.unwrap();
    let before = Instant::now();
    writes.close(LONG * 10).await;
    assert!(before.elapsed() >= options.timeout * 2 && before.elapsed() < LONG);
    assert_eq!(shelf.records().len(), 1);
}

#[test]
fn a_file_of_records_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aside.ndjson");
    let record = |key: &str| Record {
        at: "2026-11-21T12:00:00Z".parse().unwrap(),
        key: key.to_owned(),
        value: serde_json::json!({"text": "two\nlines"}),
        reason: "gone".to_owned(),
    };
    for key in ["a", "b"] {
        // Each time a new process.
        FileAside::new(&path).keep(&record(key)).unwrap();
    }
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| {
            use std::io::Write as _;
            file.write_all(b"{\"at\":")
        })
        .unwrap();
    assert_eq!(FileAside::read(&path).unwrap(), [record("a"), record("b")]);
}
