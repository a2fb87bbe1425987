//! A table in memory that takes part in units of work.

use std::{
    any::Any,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use palisade_core::{Error, ErrorKind, Result};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::{
    contention::Held,
    unit::{Draft, UnitOfWork},
};

/// How long a writer waits for the one before it. Two that wait for each other end so.
const WAIT: Duration = Duration::from_secs(5);

/// A value in memory, such as a map, that is written in units of work: for stores of tests, and of one process that may
/// forget. One unit writes it at a time; all others see it as it was until that one is committed.
///
/// A unit writes to a copy, so that a write costs as much as the value is large.
#[derive(Debug, Default)]
pub struct MemoryTable<T>(Arc<Inner<T>>);

#[derive(Debug, Default)]
struct Inner<T> {
    present: RwLock<Arc<T>>,
    writing: Arc<Mutex<()>>,
}

struct Written<T> {
    table: Arc<Inner<T>>,
    draft: T,
    _writing: OwnedMutexGuard<()>,
}

impl<T: Clone + Send + Sync + 'static> MemoryTable<T> {
    /// The value as it was last committed.
    #[must_use]
    pub fn read(&self) -> Arc<T> {
        self.0.read()
    }

    /// The value in a unit of work, to be changed.
    ///
    /// # Errors
    /// 503 when another unit writes it for too long; running the unit again is right.
    pub async fn write<'u>(&self, unit: &'u mut UnitOfWork) -> Result<&'u mut T> {
        let is_ours = |draft: &mut Box<dyn Draft>| {
            draft
                .as_any()
                .downcast_ref::<Written<T>>()
                .is_some_and(|written| Arc::ptr_eq(&written.table, &self.0))
        };
        let index = match unit.drafts.iter_mut().position(is_ours) {
            Some(index) => index,
            None => {
                let writing = self.lock().await?;
                let draft = T::clone(&self.read());
                unit.drafts.push(Box::new(Written { table: Arc::clone(&self.0), draft, _writing: writing }));
                unit.drafts.len() - 1
            }
        };
        let written =
            unit.drafts.get_mut(index).and_then(|draft| draft.as_any().downcast_mut::<Written<T>>());
        written
            .map(|written| &mut written.draft)
            .ok_or_else(|| Error::internal("a draft is not where it was put"))
    }

    /// Changes the value alone, outside of any unit.
    ///
    /// # Errors
    /// 503 when a unit writes it for too long.
    pub async fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R> {
        let _writing = self.lock().await?;
        let mut present = self.0.present.write().unwrap_or_else(PoisonError::into_inner);
        Ok(change(Arc::make_mut(&mut present)))
    }

    async fn lock(&self) -> Result<OwnedMutexGuard<()>> {
        let lock = timeout(WAIT, Arc::clone(&self.0.writing).lock_owned()).await;
        lock.map_err(|_| Error::from(ErrorKind::ServiceUnavailable).with_retry_after(WAIT).with_source(Held))
    }
}

impl<T> Inner<T> {
    fn read(&self) -> Arc<T> {
        Arc::clone(&self.present.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Send + Sync + 'static> Draft for Written<T> {
    fn publish(self: Box<Self>) {
        let Self { table, draft, _writing } = *self;
        *table.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(draft);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl<T> Clone for MemoryTable<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
