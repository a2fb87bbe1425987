//! One fetch for any number of callers of this process.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    panic::{AssertUnwindSafe, resume_unwind},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared},
};
use tokio::sync::Notify;

use super::beside::beside;
use crate::CacheKey;

/// The fetches under way. Each is one future that all its callers poll: there is no task, and the caller who began it
/// may go away. When the last of them goes, the fetch ends.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<CacheKey, Vec<Flight>>>);

struct Flight {
    /// Whose outcome is of this type.
    outcome: TypeId,
    /// Tells it from a later one of the same key, and has it polled again.
    nudge: Arc<Notify>,
    /// A [`WeakShared`] of that outcome.
    future: Box<dyn Any + Send>,
}

/// A seat in a flight.
pub(super) enum Boarded<T: Clone, B> {
    /// In one that the caller has begun.
    Began(Seat<T>),
    /// In one that was under way, and so may have read its source before the caller came. Another can be begun.
    Joined(Seat<T>, B),
}

/// One of those who wait for a flight.
pub(super) struct Seat<T: Clone> {
    outcome: Outcome<T>,
    nudge: Nudge,
}

/// What became of it; nothing when it panicked.
type Outcome<T> = Shared<BoxFuture<'static, Option<T>>>;

impl Flights {
    /// A seat in the flight for this key, or in the one that `begin` makes.
    pub(super) fn board<T, B, F>(self: &Arc<Self>, key: &CacheKey, begin: B) -> Boarded<T, B>
    where
        T: Clone + Send + Sync + 'static,
        B: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let kind = TypeId::of::<T>();
        let mut flights = self.lock();
        let of_key = flights.entry(key.clone()).or_default();
        let present = of_key.iter().find(|flight| flight.outcome == kind);
        if let Some(seat) = present.and_then(Flight::seat) {
            return Boarded::Joined(seat, begin);
        }
        let nudge = Arc::new(Notify::new());
        let landing = Landing { flights: Arc::clone(self), key: key.clone(), nudge: Arc::clone(&nudge) };
        let outcome = flown(begin, landing).boxed().shared();
        // A future that nobody has polled is not over.
        if let Some(weak) = outcome.downgrade() {
            of_key.retain(|flight| flight.outcome != kind);
            of_key.push(Flight { outcome: kind, nudge: Arc::clone(&nudge), future: Box::new(weak) });
        }
        Boarded::Began(Seat { outcome, nudge: Nudge(nudge) })
    }

    /// Later callers begin a new flight: what those under way have read may be out of date by now.
    pub(super) fn detach(&self, key: &CacheKey) {
        let detached = self.lock().remove(key);
        drop(detached);
    }

    /// The same for every key.
    pub(super) fn detach_all(&self) {
        let detached = std::mem::take(&mut *self.lock());
        drop(detached);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, Vec<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// None when its last caller has just gone.
    fn seat<T: Clone + 'static>(&self) -> Option<Seat<T>> {
        let weak = self.future.downcast_ref::<WeakShared<BoxFuture<'static, Option<T>>>>()?;
        Some(Seat { outcome: weak.upgrade()?, nudge: Nudge(Arc::clone(&self.nudge)) })
    }
}

impl<T: Clone> Seat<T> {
    /// The outcome. Panics when the fetch has: whoever waits for it must not wait for ever.
    pub(super) async fn landed(self) -> T {
        let Self { outcome, nudge } = self;
        let _nudge = nudge;
        outcome.await.unwrap_or_else(|| resume_unwind(Box::new("the fetch of a cached value has panicked")))
    }
}

impl<T: Clone, B> Boarded<T, B> {
    pub(super) fn seat(self) -> Seat<T> {
        match self {
            Self::Began(seat) | Self::Joined(seat, _) => seat,
        }
    }
}

/// The whole of a flight. A panic is caught, because [`Shared`] tells only the caller who meets it, and leaves the others
/// without a wake-up. The work begins in here: a future that came as an argument would be stored twice.
async fn flown<T, F: Future<Output = T>>(begin: impl FnOnce() -> F, landing: Landing) -> Option<T> {
    let nudged = async {
        loop {
            landing.nudge.notified().await;
        }
    };
    let work = pin!(AssertUnwindSafe(begin()).catch_unwind());
    beside(work, nudged).await.ok()
}

/// Has a flight polled by those who stay when one goes. A wake-up that comes while somebody polls it is left to that one,
/// who may go without heeding it.
struct Nudge(Arc<Notify>);

impl Drop for Nudge {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Takes a flight off the list when it is over, or when nobody waits for it any more.
struct Landing {
    flights: Arc<Flights>,
    key: CacheKey,
    nudge: Arc<Notify>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        if let Some(of_key) = flights.get_mut(&self.key) {
            of_key.retain(|flight| !Arc::ptr_eq(&flight.nudge, &self.nudge));
            if of_key.is_empty() {
                flights.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn large() -> u8 {
        let bytes = [7; 8_192];
        tokio::task::yield_now().await;
        bytes.last().copied().unwrap_or_default()
    }

    #[test]
    fn a_flight_stores_its_work_once() {
        let key = CacheKey::new("large").unwrap();
        let landing = Landing { flights: Arc::default(), key, nudge: Arc::default() };
        assert!(size_of_val(&flown(large, landing)) < size_of_val(&large()) + 1_024);
    }
}
