//! Whether Redis is there, for all who ask and all who wait.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use palisade_core::{SystemClock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, Permit, Trip};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{Error, link::Link, refusals::Refusals};

/// The limiter and the cache have one key each.
const MOST_PROBE_KEYS: usize = 8;

/// Whether Redis answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It answers.
    Up {
        /// Since when.
        since: Instant,
    },
    /// It is lost, or has not been reached yet.
    Down {
        /// Since when.
        since: Instant,
    },
}

/// What has happened since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls that got no answer because the server was lost or got lost under them.
    pub failures: u64,
    /// How often the server was lost.
    pub lost: u64,
    /// How often it was found, the first time included.
    pub found: u64,
}

/// What the handles, the calls under way and the keeper share.
pub(crate) struct Shared {
    /// The connections while Redis is up. A call holds on to the link it started with, so a late failure of an old
    /// link says nothing about the present one.
    link: ArcSwapOption<Link>,
    /// Open while Redis is lost. Its probes are the keeper's, never a caller's.
    breaker: Breaker,
    state: watch::Sender<State>,
    /// What is written to find out whether the server takes writes.
    probe_keys: Mutex<Arc<[Box<str>]>>,
    refusals: Refusals,
    /// Wakes the keeper when the link is gone.
    pub(crate) lost: Notify,
    failures: AtomicU64,
    losses: AtomicU64,
    finds: AtomicU64,
    place: String,
}

impl Shared {
    pub(crate) fn new(place: String) -> Self {
        Self {
            link: ArcSwapOption::empty(),
            breaker: Breaker::new(
                "redis",
                BreakerPolicy::default().trip_at(Trip::consecutive(1)),
                Timeline::steady(&SystemClock),
            ),
            state: watch::Sender::new(State::Down { since: Instant::now() }),
            probe_keys: Mutex::default(),
            refusals: Refusals::default(),
            lost: Notify::new(),
            failures: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            finds: AtomicU64::new(0),
            place,
        }
    }

    /// The connections and the leave to use them, or [`Error::Lost`] at once.
    pub(crate) fn link(&self) -> Result<(Arc<Link>, Permit<'_>), Error> {
        let link = || self.link.load_full();
        self.breaker.acquire().ok().and_then(|permit| Some((link()?, permit))).ok_or_else(|| {
            self.failures.fetch_add(1, Ordering::Relaxed);
            Error::Lost
        })
    }

    pub(crate) const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// The connections, if there are any.
    pub(crate) fn present(&self) -> Option<Arc<Link>> {
        self.link.load_full()
    }

    /// Has the keeper write `key` too. More than a few keys say nothing new and are left out.
    pub(crate) fn probe_with(&self, key: &str) {
        let mut keys = self.lock_probe_keys();
        if keys.len() < MOST_PROBE_KEYS && !keys.iter().any(|present| **present == *key) {
            *keys = keys.iter().cloned().chain([key.into()]).collect();
        }
    }

    pub(crate) fn probe_keys(&self) -> Arc<[Box<str>]> {
        Arc::clone(&self.lock_probe_keys())
    }

    fn lock_probe_keys(&self) -> MutexGuard<'_, Arc<[Box<str>]>> {
        self.probe_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server refused a command. Each kind of refusal is logged once in a while, not for each command.
    pub(crate) fn refused(&self, code: &str) {
        if self.refusals.is_news(code) {
            tracing::warn!(server = %self.place, code, "redis.refused");
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.link.load().is_some()
    }

    /// A call over `link` failed by the server's fault. The first to say so takes the link away from everybody.
    pub(crate) fn failed(&self, link: &Arc<Link>, error: &Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let present = self.link.compare_and_swap(link, None);
        if present.as_ref().is_some_and(|present| Arc::ptr_eq(present, link)) {
            self.report_lost(error);
            // Last, so that the keeper's line about the way back cannot come before this one.
            self.lost.notify_one();
        }
    }

    /// Tells of a loss: of the link, or of the hope to have one at the start.
    pub(crate) fn report_lost(&self, error: &Error) {
        self.losses.fetch_add(1, Ordering::Relaxed);
        self.breaker.hold_open(&error.to_string());
        self.state.send_replace(State::Down { since: Instant::now() });
        tracing::warn!(server = %self.place, error = %error, "redis.lost");
    }

    /// There are connections that answer.
    pub(crate) fn found(&self, link: Link) {
        let before = *self.state.borrow();
        if let (State::Down { since }, true) = (before, self.counters().lost > 0) {
            tracing::info!(server = %self.place, down_ms = millis(since.elapsed()), "redis.recovered");
        }
        self.finds.fetch_add(1, Ordering::Relaxed);
        self.link.store(Some(Arc::new(link)));
        self.breaker.reset();
        self.state.send_replace(State::Up { since: Instant::now() });
    }

    /// Nobody gets a connection any more.
    pub(crate) fn close(&self) {
        if self.link.swap(None).is_some() {
            self.state.send_replace(State::Down { since: Instant::now() });
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters {
            failures: self.failures.load(Ordering::Relaxed),
            lost: self.losses.load(Ordering::Relaxed),
            found: self.finds.load(Ordering::Relaxed),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
