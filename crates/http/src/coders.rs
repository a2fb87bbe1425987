//! The memory that content coders may hold, shared by all workers.

mod pool;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use palisade_telemetry::metrics::{Declaration, Off, Telemetry};
use tokio::time::timeout;

pub(crate) use pool::Coder;
use pool::Pool;

/// The most memory of all coders together where nothing else is said.
pub const DEFAULT_MEMORY: usize = 32 * 1024 * 1024;

/// How long a request body waits for a decoder. Decoders are held for as long as they compute and for as long as
/// the request is in work, not while a client sends, so a longer wait means that there is too much to do.
const PATIENCE: Duration = Duration::from_secs(5);

palisade_telemetry::metrics! {
    /// What the coders measure.
    pub struct Metrics {
        /// Content coders at work, by use: `request` (with the decoded bodies of requests in work), `response` (large
        /// bodies), `stream`. Bodies of up to 64 KiB are compressed at once and are not counted.
        at_work: Gauge["use"] = "content_coders_at_work",
        /// Bodies that found no free coder, by use: a `request` was refused with 503, a `response` or `stream` was sent
        /// uncompressed.
        busy: Counter["use"] = "content_coders_busy_total",
    }
}

/// What the coders measure.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// A budget of memory for content coders, shared by all workers: half of it for request bodies, a quarter for large
/// responses, a quarter for streamed responses. A coder that would need more than its share alone gets all of the
/// share, so one of each use is always possible.
///
/// Each use has a share of its own, so that clients who hold one up do not hold up the others. Request bodies wait
/// their turn in order of arrival, for a bounded time. Responses do not wait: without a free coder they are sent
/// uncompressed.
///
/// ```
/// use palisade_http::{Layer, coders::Coders, compression::Compression, decompression::Decompression};
///
/// // One for the process; each worker gets a clone.
/// let coders = Coders::default();
/// let app = actix_web::App::new()
///     .wrap(Decompression::new(coders.clone()).layered())
///     .wrap(Compression::new(coders).layered());
/// # let _ = app;
/// ```
#[derive(Debug, Clone)]
pub struct Coders {
    requests: Arc<Pool>,
    responses: Arc<Pool>,
    streams: Arc<Pool>,
}

impl Coders {
    /// Coders that hold at most about `memory` bytes together, measured by `telemetry`.
    #[must_use]
    pub fn new(memory: usize, telemetry: &Arc<dyn Telemetry>) -> Self {
        let metrics = Metrics::new(telemetry);
        let pool = |bytes: usize, name: &'static str| Arc::new(Pool::new(kib(bytes), name, &metrics));
        let coders = Self {
            requests: pool(memory / 2, "request"),
            responses: pool(memory / 4, "response"),
            streams: pool(memory / 4, "stream"),
        };
        let measured = coders.clone();
        telemetry.before_reading(Box::new(move || measured.measure(&metrics)));
        coders
    }

    fn measure(&self, metrics: &Metrics) {
        for pool in [&self.requests, &self.responses, &self.streams] {
            metrics.at_work.with([pool.name]).set_count(pool.at_work());
        }
    }

    /// A decoder of a request body, as soon as there is memory for it; `None` after waiting in vain.
    pub(crate) async fn request(&self, bytes: usize) -> Option<Coder> {
        let coder = timeout(PATIENCE, Pool::acquire(&self.requests, kib(bytes))).await.ok().flatten();
        if coder.is_none() {
            self.requests.count_busy();
        }
        coder
    }

    /// A coder of a large response, if there is memory for it now.
    pub(crate) fn response(&self, bytes: usize) -> Option<Coder> {
        Pool::try_acquire(&self.responses, kib(bytes))
    }

    /// A coder of a streamed response, if there is memory for it now.
    pub(crate) fn stream(&self, bytes: usize) -> Option<Coder> {
        Pool::try_acquire(&self.streams, kib(bytes))
    }
}

/// [`DEFAULT_MEMORY`], and no metrics.
impl Default for Coders {
    fn default() -> Self {
        Self::new(DEFAULT_MEMORY, &(Arc::new(Off) as Arc<dyn Telemetry>))
    }
}

/// In KiB, rounded up: 4 TiB fit into an `u32`.
fn kib(bytes: usize) -> NonZeroU32 {
    let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    NonZeroU32::new(kib).unwrap_or(NonZeroU32::MIN)
}
