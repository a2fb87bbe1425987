//! Opens units of work.

#[cfg(feature = "sql")]
use std::sync::RwLock;
use std::{
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
};

#[cfg(feature = "sql")]
use palisade_core::Result;
use palisade_core::{Clock, Ids, SystemClock, SystemRandom};
#[cfg(feature = "sql")]
use palisade_telemetry::metrics::Telemetry;

use crate::{
    contention::Contention,
    metrics::Metrics,
    subscriber::Subscriptions,
    unit::{Shared, UnitOfWork},
};
#[cfg(feature = "sql")]
use crate::{
    relay::{self, Relay},
    settings::Settings,
    store::Outbox,
    unit::{Kept, Settle},
};

/// How often a unit is run that others were in the way of. One that loses this often has met as many that won.
const ATTEMPTS: u32 = 16;

/// Opens units of work. Clones share everything.
#[derive(Clone)]
pub struct Units(Arc<Shared>);

/// What [`Units`] are made of.
#[cfg(feature = "sql")]
pub struct UnitsParts<'a> {
    /// Where deliveries are kept until they are made.
    pub outbox: Outbox,
    /// How they are made.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of events.
    pub ids: Ids,
    /// Where measurements go.
    pub telemetry: &'a Arc<dyn Telemetry>,
    /// Brings to its place what subscribers leave in memory, such as lines of the log; whether it is there. Deliveries count
    /// as made only then.
    pub settle: Option<Settle>,
}

impl Units {
    /// Units whose events survive this process. Nothing can be recorded until [`subscribe`](Self::subscribe) was called.
    #[cfg(feature = "sql")]
    #[must_use]
    pub fn new(parts: UnitsParts<'_>) -> Self {
        let UnitsParts { outbox, settings, clock, ids, telemetry, settle } = parts;
        Self(Arc::new(Shared {
            clock,
            ids,
            metrics: Metrics::new(telemetry),
            audience: OnceLock::new(),
            kept: Some(Kept { outbox, settings, settle, lanes: RwLock::default() }),
        }))
    }

    /// Units of work whose events are delivered once, before their commit returns, and are not persisted. For tests, and for
    /// programs that may lose events. Without subscribers, events go nowhere.
    #[must_use]
    pub fn in_memory() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids = Ids::new(Arc::clone(&clock), Arc::new(SystemRandom));
        Self(Arc::new(Shared {
            clock,
            ids,
            metrics: Metrics::default(),
            audience: OnceLock::new(),
            #[cfg(feature = "sql")]
            kept: None,
        }))
    }

    /// Sets the subscribers. Only the first call does so; returns whether this is the first.
    pub fn subscribe(&self, subscriptions: Subscriptions) -> bool {
        self.0.audience.set(Arc::new(subscriptions)).is_ok()
    }

    /// Opens a unit of work.
    pub fn begin(&self) -> UnitOfWork {
        UnitOfWork::new(&self.0)
    }

    /// Runs `attempt` with a new unit, which it commits, and once more with another one for each time that others were in
    /// its way, up to 16 times.
    ///
    /// ```
    /// # use palisade_core::{Error, Result};
    /// # use palisade_events::{MemoryTable, Units};
    /// # async fn transfer(units: &Units, accounts: &MemoryTable<[i64; 2]>, cents: i64) -> Result<()> {
    /// units
    ///     .run(|mut unit| async move {
    ///         let [from, to] = accounts.write(&mut unit).await?;
    ///         *from -= cents;
    ///         *to += cents;
    ///         unit.commit().await
    ///     })
    ///     .await
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the last attempt fails with.
    pub async fn run<T, E, Running>(&self, attempt: impl Fn(UnitOfWork) -> Running) -> Result<T, E>
    where
        E: Contention,
        Running: Future<Output = Result<T, E>>,
    {
        for _ in 1..ATTEMPTS {
            match attempt(self.begin()).await {
                Err(error) if error.is_contention() => {}
                outcome => return outcome,
            }
        }
        attempt(self.begin()).await
    }

    /// Begins to deliver in the background; `None` where nothing is kept.
    ///
    /// # Errors
    /// When nobody has subscribed yet.
    #[cfg(feature = "sql")]
    pub fn start(&self) -> Result<Option<Relay>> {
        Relay::start(&self.0)
    }

    /// Delivers everything that is due, here and now; returns how many deliveries were made. It is for programs that do not
    /// [`start`](Self::start) a relay.
    ///
    /// # Errors
    /// When the database fails, or nobody has subscribed yet.
    #[cfg(feature = "sql")]
    pub async fn deliver_due(&self) -> Result<usize> {
        relay::deliver_due(&self.0).await
    }

    /// Where deliveries are kept.
    #[cfg(feature = "sql")]
    #[must_use]
    pub fn outbox(&self) -> Option<&Outbox> {
        self.0.kept.as_ref().map(|kept| &kept.outbox)
    }
}

impl fmt::Debug for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Units")
    }
}
