//! A share of the memory.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use palisade_telemetry::metrics::Counter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Metrics, kib};

/// Memory in KiB, taken in order of arrival.
pub(super) struct Pool {
    pub(super) name: &'static str,
    free: Arc<Semaphore>,
    size: NonZeroU32,
    at_work: AtomicUsize,
    busy: Counter,
}

impl Pool {
    pub(super) fn new(size: NonZeroU32, name: &'static str, metrics: &Metrics) -> Self {
        let size = size.min(NonZeroU32::new(MOST).unwrap_or(size));
        let permits = usize::try_from(size.get()).unwrap_or(Semaphore::MAX_PERMITS);
        metrics.busy.at_zero([name]);
        let busy = metrics.busy.with([name]);
        Self { name, free: Arc::new(Semaphore::new(permits)), size, at_work: AtomicUsize::new(0), busy }
    }

    pub(super) fn at_work(&self) -> usize {
        self.at_work.load(Ordering::Relaxed)
    }

    pub(super) fn count_busy(&self) {
        self.busy.increment();
    }

    /// Waits for its turn. `None` never comes: the semaphore is not closed.
    pub(super) async fn acquire(pool: &Arc<Self>, kib: NonZeroU32) -> Option<Coder> {
        let kib = kib.min(pool.size).get();
        let memory = Arc::clone(&pool.free).acquire_many_owned(kib).await.ok()?;
        Some(Coder::new(Arc::clone(pool), memory))
    }

    pub(super) fn try_acquire(pool: &Arc<Self>, kib: NonZeroU32) -> Option<Coder> {
        let kib = kib.min(pool.size).get();
        match Arc::clone(&pool.free).try_acquire_many_owned(kib) {
            Ok(memory) => Some(Coder::new(Arc::clone(pool), memory)),
            Err(_) => {
                pool.count_busy();
                None
            }
        }
    }
}

/// The most KiB that a semaphore counts, on 32-bit machines too.
const MOST: u32 = u32::MAX >> 3;

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).field("kib", &self.size).finish_non_exhaustive()
    }
}

/// The right to use so much memory for a coder. Dropping it gives the memory to the next.
#[derive(Debug)]
pub(crate) struct Coder {
    pool: Arc<Pool>,
    memory: OwnedSemaphorePermit,
}

impl Coder {
    fn new(pool: Arc<Pool>, memory: OwnedSemaphorePermit) -> Self {
        pool.at_work.fetch_add(1, Ordering::Relaxed);
        Self { pool, memory }
    }

    /// Gives back what is held beyond so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let kept = usize::try_from(kib(bytes).get()).unwrap_or(usize::MAX);
        let surplus = self.memory.num_permits().saturating_sub(kept);
        drop(self.memory.split(surplus));
    }
}

impl Drop for Coder {
    fn drop(&mut self) {
        self.pool.at_work.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coders::Coders;

    const MIB: usize = 1024 * 1024;

    fn coders() -> Coders {
        Coders::new(4 * MIB, &(Arc::new(palisade_telemetry::metrics::Off) as _))
    }

    #[test]
    fn each_use_has_its_share_and_no_more() {
        let coders = coders();
        let large = coders.response(MIB).unwrap();
        assert!(coders.response(1).is_none() && coders.stream(MIB).is_some());
        drop(large);
        assert!(coders.response(MIB).is_some());
    }

    #[test]
    fn a_coder_larger_than_its_share_gets_all_of_it() {
        let coders = coders();
        let all = coders.response(100 * MIB).unwrap();
        assert!(coders.response(1).is_none());
        drop(all);
        assert!(coders.response(1).is_some());
    }

    #[test]
    fn what_a_coder_gives_back_is_free_for_others() {
        let coders = coders();
        let mut first = coders.stream(MIB).unwrap();
        assert_eq!(coders.streams.at_work(), 1);
        first.shrink_to(1);
        let second = coders.stream(MIB - 1024);
        assert!(second.is_some() && coders.stream(1).is_none());
        drop((first, second));
        assert_eq!(coders.streams.at_work(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_in_turn_and_not_for_ever() {
        let coders = coders();
        let all = coders.request(2 * MIB).await.unwrap();
        assert!(coders.request(1).await.is_none());
        let waiting = tokio::spawn({
            let coders = coders.clone();
            async move { coders.request(2 * MIB).await.is_some() }
        });
        tokio::task::yield_now().await;
        // One that needs little does not overtake.
        let late = tokio::spawn(async move { coders.request(1).await.is_some() });
        tokio::task::yield_now().await;
        drop(all);
        assert!(waiting.await.unwrap() && late.await.unwrap());
    }
}
