//! One fetch for any number of callers of this process.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared},
};

use crate::Key;

/// The fetches under way. Each is one future that all its callers poll: there is no task, and the caller who began it
/// may go away. When the last of them goes, the fetch ends.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Key, Vec<Flight>>>);

struct Flight {
    /// Whose outcome is of this type.
    outcome: TypeId,
    /// Tells it from a later one of the same key.
    number: Arc<()>,
    /// A [`WeakShared`] of that outcome.
    future: Box<dyn Any + Send>,
}

type Outcome<T> = Shared<BoxFuture<'static, T>>;

impl Flights {
    /// The outcome of the flight for this key, or of the one that `begin` makes.
    pub(super) async fn join<T, F>(self: &Arc<Self>, key: &Key, begin: impl FnOnce() -> F) -> T
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.flight(key, begin).await
    }

    /// Later callers begin a new flight: what those under way have read may be out of date by now.
    pub(super) fn detach(&self, key: &Key) {
        let detached = self.lock().remove(key);
        drop(detached);
    }

    /// The same for every key.
    pub(super) fn detach_all(&self) {
        let detached = std::mem::take(&mut *self.lock());
        drop(detached);
    }

    fn flight<T, F>(self: &Arc<Self>, key: &Key, begin: impl FnOnce() -> F) -> Outcome<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let outcome = TypeId::of::<T>();
        let mut flights = self.lock();
        let of_key = flights.entry(key.clone()).or_default();
        let present = of_key.iter().find(|flight| flight.outcome == outcome);
        let joined =
            present.and_then(|flight| flight.future.downcast_ref::<WeakShared<BoxFuture<'static, T>>>());
        if let Some(flight) = joined.and_then(WeakShared::upgrade) {
            return flight;
        }
        let number = Arc::new(());
        let landing = Landing { flights: Arc::clone(self), key: key.clone(), number: Arc::clone(&number) };
        let work = begin();
        let future = async move {
            let _landing = landing;
            work.await
        };
        let future = future.boxed().shared();
        // A future that nobody has polled is not over.
        if let Some(weak) = future.downgrade() {
            of_key.retain(|flight| flight.outcome != outcome);
            of_key.push(Flight { outcome, number, future: Box::new(weak) });
        }
        future
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Vec<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a flight off the list when it is over, or when nobody waits for it any more.
struct Landing {
    flights: Arc<Flights>,
    key: Key,
    number: Arc<()>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        if let Some(of_key) = flights.get_mut(&self.key) {
            of_key.retain(|flight| !Arc::ptr_eq(&flight.number, &self.number));
            if of_key.is_empty() {
                flights.remove(&self.key);
            }
        }
    }
}
