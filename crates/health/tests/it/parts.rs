//! Parts of a program that work or do not, as a test likes.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use palisade_core::ManualClock;
use palisade_health::{Check, CheckError, Registry};
use palisade_telemetry::metrics::Off;

#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Well,
    Broken,
    Hanging,
    Panicking,
}

pub(crate) struct Part {
    name: &'static str,
    critical: bool,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
}

impl Part {
    pub(crate) fn critical(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, critical: true, mood: Mutex::new(Mood::Well), asked: AtomicUsize::new(0) })
    }

    pub(crate) fn minor(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, critical: false, mood: Mutex::new(Mood::Well), asked: AtomicUsize::new(0) })
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Check for Part {
    fn name(&self) -> &str {
        self.name
    }

    fn critical(&self) -> bool {
        self.critical
    }

    async fn check(&self) -> Result<(), CheckError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => Ok(()),
            Mood::Broken => Err(CheckError::new("connection to 10.0.0.7 refused")),
            Mood::Hanging => std::future::pending().await,
            Mood::Panicking => std::panic::panic_any("broken check"),
        }
    }
}

/// How long a report stays fresh in these tests.
pub(crate) const FRESH: Duration = Duration::from_secs(1);

pub(crate) fn registry(clock: &Arc<ManualClock>, parts: &[&Arc<Part>]) -> Registry {
    let mut registry = Registry::new(clock.clone(), Duration::from_millis(20), FRESH, &Off::shared());
    for part in parts {
        registry.register(Arc::clone(part) as Arc<dyn Check>);
    }
    registry
}
