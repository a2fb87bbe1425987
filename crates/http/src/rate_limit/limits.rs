//! What all limits of an application share.

use std::{fmt, sync::Arc};

use palisade_core::{Clock, SystemClock};
use palisade_ratelimit::{MemoryOptions, MemoryRateLimiter, RateLimiter, Timeline};

use super::Callers;

/// What the limits of an application count with. Give it to the application once, as
/// `App::app_data(limits.clone())`; every [`RateLimit`](super::RateLimit) in it finds it there.
///
/// ```
/// use std::sync::Arc;
/// use actix_web::App;
/// use palisade_core::SystemClock;
/// use palisade_http::rate_limit::Limits;
/// use palisade_ratelimit::{MemoryOptions, MemoryRateLimiter, Timeline};
///
/// let clock = Arc::new(SystemClock);
/// let limiter = MemoryRateLimiter::new(Timeline::steady(&*clock), MemoryOptions::default());
/// let limits = Limits::new(Arc::new(limiter), clock);
/// let app = move || App::new().app_data(limits.clone()); // one count for all workers
/// # let _ = app();
/// ```
#[derive(Clone)]
pub struct Limits(Option<Arc<Counting>>);

/// What counts, when it is not off.
pub(super) struct Counting {
    pub(super) limiter: Arc<dyn RateLimiter>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) callers: Option<Arc<dyn Callers>>,
}

impl Limits {
    /// Counts with `limiter`. The clock tells what `X-RateLimit-Reset` says.
    #[must_use]
    pub fn new(limiter: Arc<dyn RateLimiter>, clock: Arc<dyn Clock>) -> Self {
        Self(Some(Arc::new(Counting { limiter, clock, callers: None })))
    }

    /// No limit of the application holds.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// The same, asking `callers` who is calling where a limit counts by it. Without, everybody is counted by
    /// address.
    #[must_use]
    pub fn identified_by(self, callers: Arc<dyn Callers>) -> Self {
        Self(self.0.map(|counting| {
            let Counting { limiter, clock, .. } = &*counting;
            let (limiter, clock) = (Arc::clone(limiter), Arc::clone(clock));
            Arc::new(Counting { limiter, clock, callers: Some(callers) })
        }))
    }

    /// A memory of one's own.
    pub(super) fn own() -> Self {
        let clock = Arc::new(SystemClock);
        Self::new(
            Arc::new(MemoryRateLimiter::new(Timeline::steady(&*clock), MemoryOptions::default())),
            clock,
        )
    }

    pub(super) fn counting(&self) -> Option<&Counting> {
        self.0.as_deref()
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Limits").field(&self.0.as_ref().map(|counting| &counting.limiter)).finish()
    }
}
