//! How many calls are under way at once.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{Error, Full};

/// A bound on how many calls are under way at once, so that one slow callee does not take up everything (Nygard,
/// "Release It!", chapter 5).
///
/// A few more may wait in line, first come first served, each for a while; whoever finds the line full is refused at
/// once. Cloning is cheap; all clones are one bulkhead.
#[derive(Clone)]
pub struct Bulkhead(Arc<Inner>);

struct Inner {
    bounds: BulkheadBounds,
    slots: Semaphore,
    waiting: AtomicU32,
    rejected: AtomicU64,
}

/// How much a [`Bulkhead`] lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkheadBounds {
    /// Calls under way at once; 0 counts as 1.
    pub concurrent: u32,
    /// Calls in line for a slot.
    pub waiting: u32,
    /// How long a call stays in line.
    pub max_wait: Duration,
}

/// How full a bulkhead is, and how often it was too full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BulkheadCounters {
    /// Calls under way.
    pub in_flight: u32,
    /// Calls in line.
    pub waiting: u32,
    /// Calls refused since it was made, those included that waited in vain.
    pub rejected: u64,
}

impl Bulkhead {
    /// A bulkhead with nobody in it.
    #[must_use]
    pub fn new(bounds: BulkheadBounds) -> Self {
        let bounds = BulkheadBounds { concurrent: bounds.concurrent.max(1), ..bounds };
        let slots = usize::try_from(bounds.concurrent).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let slots = Semaphore::new(slots);
        Self(Arc::new(Inner { bounds, slots, waiting: AtomicU32::new(0), rejected: AtomicU64::new(0) }))
    }

    /// A slot, which is free again when it is dropped.
    ///
    /// # Errors
    /// When the line is full, or no slot has become free while this call was in it.
    pub async fn acquire(&self) -> Result<Slot<'_>, Full> {
        if let Ok(permit) = self.0.slots.try_acquire() {
            return Ok(Slot { _permit: permit });
        }
        let place = self.stand_in_line();
        let permit = match &place {
            Some(_) => {
                timeout(self.0.bounds.max_wait, self.0.slots.acquire()).await.ok().and_then(Result::ok)
            }
            None => None,
        };
        permit.map(|permit| Slot { _permit: permit }).ok_or_else(|| {
            self.0.rejected.fetch_add(1, Ordering::Relaxed);
            Full
        })
    }

    /// Makes a call in a slot.
    ///
    /// # Errors
    /// [`Error::Full`] when the call was not made, [`Error::Failed`] with what it failed with.
    pub async fn call<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, Error<E>> {
        let _slot = self.acquire().await?;
        call.await.map_err(|error| Error::Failed { error, attempts: 1 })
    }

    /// How full it is.
    #[must_use]
    pub fn counters(&self) -> BulkheadCounters {
        let free = u32::try_from(self.0.slots.available_permits()).unwrap_or(u32::MAX);
        BulkheadCounters {
            in_flight: self.0.bounds.concurrent.saturating_sub(free),
            waiting: self.0.waiting.load(Ordering::Relaxed),
            rejected: self.0.rejected.load(Ordering::Relaxed),
        }
    }

    fn stand_in_line(&self) -> Option<Place<'_>> {
        let one_more = |waiting: u32| (waiting < self.0.bounds.waiting).then(|| waiting + 1);
        let line = &self.0.waiting;
        line.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Place(line))
    }
}

/// The right to have one call under way.
#[derive(Debug)]
#[must_use = "dropping it lets the next call in"]
pub struct Slot<'a> {
    _permit: SemaphorePermit<'a>,
}

/// A place in line, left when dropped, by whoever gives up waiting too.
struct Place<'a>(&'a AtomicU32);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulkhead")
            .field("bounds", &self.0.bounds)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
