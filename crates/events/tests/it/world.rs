//! Programs that share a database, with a clock that is turned by hand.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade_core::{Clock, Error, Ids, ManualClock, Result, SystemRandom};
use palisade_events::{Delivery, Event, Outbox, Settings, Subscriptions, Units, UnitsParts};
use palisade_telemetry::metrics::{Registry, Telemetry};
use palisade_testkit::TestDatabase;
use serde::{Deserialize, Serialize};

/// An order was placed, as the shop tells of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) number: u32,
    pub(crate) item: String,
}

impl Event for OrderPlaced {
    const NAME: &'static str = "order.placed";
}

/// What the warehouse wants to know of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) number: u32,
}

impl Event for Placed {
    const NAME: &'static str = "order.placed";
}

/// Notes what is delivered to it, and fails while it is told to.
#[derive(Default)]
pub(crate) struct Warehouse {
    pub(crate) heard: Mutex<Vec<(u32, u32, bool)>>,
    pub(crate) failing: Mutex<Option<&'static str>>,
}

impl Warehouse {
    pub(crate) fn hear(&self, delivery: &Delivery<Placed>) -> Result<()> {
        if let Some(why) = *self.failing.lock().unwrap() {
            return Err(Error::internal(why));
        }
        let number = delivery.event.number;
        self.heard.lock().unwrap().push((number, delivery.attempt, delivery.is_first_hand));
        Ok(())
    }

    pub(crate) fn fails(&self, why: Option<&'static str>) {
        *self.failing.lock().unwrap() = why;
    }

    /// The numbers of the orders that it has heard of, in the order in which it has.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.heard.lock().unwrap().iter().map(|(number, ..)| *number).collect()
    }

    /// What it has heard, in the order of the numbers: the clock stands still between orders.
    pub(crate) fn sorted(&self) -> Vec<(u32, u32, bool)> {
        let mut heard = self.heard.lock().unwrap().clone();
        heard.sort_unstable();
        heard
    }

    /// What makes it hear of orders.
    pub(crate) fn subscription(self: &Arc<Self>) -> Subscriptions {
        let warehouse = Arc::clone(self);
        Subscriptions::default().after_commit("warehouse", move |delivery: Delivery<Placed>| {
            std::future::ready(warehouse.hear(&delivery))
        })
    }
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A program.
pub(crate) struct World {
    pub(crate) units: Units,
}

impl World {
    pub(crate) fn new(test: &TestDatabase, clock: &Arc<ManualClock>, subscriptions: Subscriptions) -> Self {
        let settings = Settings { max_attempts: 3, poll_interval_ms: 100, ..Settings::default() };
        Self::with(test, clock, settings, subscriptions)
    }

    pub(crate) fn with(
        test: &TestDatabase,
        clock: &Arc<ManualClock>,
        settings: Settings,
        subscriptions: Subscriptions,
    ) -> Self {
        let telemetry: Arc<dyn Telemetry> = Arc::new(Registry::default());
        let units = Units::new(UnitsParts {
            outbox: Outbox::new(test.database().clone()),
            settings,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            ids: Ids::new(Arc::clone(clock) as Arc<dyn Clock>, Arc::new(SystemRandom)),
            telemetry: &telemetry,
            settle: None,
        });
        assert!(units.subscribe(subscriptions));
        Self { units }
    }

    /// Places an order.
    pub(crate) async fn place(&self, number: u32) {
        let mut unit = self.units.begin();
        unit.record(&OrderPlaced { number, item: "lamp".to_owned() }).await.unwrap();
        unit.commit().await.unwrap();
    }

    pub(crate) async fn pending(&self) -> u64 {
        self.units.outbox().unwrap().counts().await.unwrap().pending
    }
}
