//! Who hears of events.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use palisade_core::{Error, Result};

use crate::{
    delivery::{Delivery, Job},
    event::{Event, Recorded},
    unit::{Audience, UnitOfWork},
};

/// Hears of an event in the transaction of what has happened: what it writes with `unit` happens with it, and its failure
/// undoes everything. Others wait for its end, so it should only write to the database.
#[async_trait]
pub trait InTransaction<E: Event>: Send + Sync + 'static {
    /// Something has happened.
    ///
    /// # Errors
    /// When what has happened must not.
    async fn handle(&self, event: &E, unit: &mut UnitOfWork) -> Result<()>;
}

/// Hears of an event after the commit, at least once: a delivery that fails, or whose process ends before it is noted, is
/// repeated. A function or a closure of one argument will do.
///
/// It hears of one event at a time in each process, as a rule in the order of their commits; what is repeated comes later.
#[async_trait]
pub trait AfterCommit<E: Event>: Send + Sync + 'static {
    /// Something has happened.
    ///
    /// # Errors
    /// When it must be told again, later.
    async fn handle(&self, delivery: Delivery<E>) -> Result<()>;
}

#[async_trait]
impl<E, F, Handling> AfterCommit<E> for F
where
    E: Event,
    F: Fn(Delivery<E>) -> Handling + Send + Sync + 'static,
    Handling: Future<Output = Result<()>> + Send,
{
    async fn handle(&self, delivery: Delivery<E>) -> Result<()> {
        self(delivery).await
    }
}

type Within =
    Arc<dyn for<'a> Fn(&'a Recorded, &'a mut UnitOfWork) -> BoxFuture<'a, Result<()>> + Send + Sync>;
type After = Arc<dyn for<'a> Fn(&'a Job) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// Who hears of which events.
#[derive(Clone, Default)]
pub struct Subscriptions {
    within: BTreeMap<&'static str, Vec<Within>>,
    after: BTreeMap<&'static str, Vec<&'static str>>,
    handlers: BTreeMap<&'static str, After>,
}

impl Subscriptions {
    /// Has `subscriber` hear of events of the type `E` in their transactions.
    #[must_use]
    pub fn in_transaction<E: Event>(mut self, subscriber: impl InTransaction<E>) -> Self {
        let subscriber = Arc::new(subscriber);
        let within: Within = Arc::new(move |recorded, unit| {
            let subscriber = Arc::clone(&subscriber);
            Box::pin(async move { subscriber.handle(&recorded.read()?, unit).await })
        });
        self.within.entry(E::NAME).or_default().push(within);
        self
    }

    /// Has `subscriber` hear of events of the type `E` after their commits. Its name, such as `mail.welcome`, stands in the
    /// database with what it has not heard yet: it is no other one's, and stays the same in the next release.
    #[must_use]
    pub fn after_commit<E: Event>(mut self, name: &'static str, subscriber: impl AfterCommit<E>) -> Self {
        let subscriber = Arc::new(subscriber);
        let after: After = Arc::new(move |job| {
            let subscriber = Arc::clone(&subscriber);
            Box::pin(async move { subscriber.handle(job.delivery(job.recorded.read()?)).await })
        });
        self.after.entry(E::NAME).or_default().push(name);
        self.handlers.insert(name, after);
        self
    }
}

impl Audience for Subscriptions {
    fn hears(&self, name: &str) -> bool {
        self.within.contains_key(name) || self.after.contains_key(name)
    }

    fn tell_within<'a>(&'a self, event: &'a Recorded, unit: &'a mut UnitOfWork) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for subscriber in self.within.get(&*event.name).into_iter().flatten() {
                subscriber(event, unit).await?;
            }
            Ok(())
        })
    }

    fn after_commit(&self, name: &str) -> Vec<&'static str> {
        self.after.get(name).cloned().unwrap_or_default()
    }

    #[cfg(feature = "sql")]
    fn subscribers(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    fn deliver<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        match self.handlers.get(job.subscriber) {
            Some(handler) => handler(job),
            None => Box::pin(async { Err(Error::internal("there is no such subscriber")) }),
        }
    }
}

impl std::fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscriptions").field("after", &self.after).finish_non_exhaustive()
    }
}
