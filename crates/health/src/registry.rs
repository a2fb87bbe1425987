//! All checks of the program, run together and remembered for a moment.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::join_all};
use palisade_core::Clock;
use palisade_telemetry::metrics::Telemetry;
use tokio::sync::Mutex;

use crate::{Check, CheckError, Report, Status, metrics::Metrics};

/// Runs the registered checks and keeps their report for a moment.
pub struct Registry {
    checks: Vec<Arc<dyn Check>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    cache_for: Duration,
    latest: RwLock<Option<Run>>,
    /// Held while the checks run: whoever comes meanwhile waits here and then reads the fresh report.
    running: Mutex<()>,
    metrics: Metrics,
}

struct Run {
    at: DateTime<Utc>,
    report: Arc<Report>,
}

impl Registry {
    /// A registry without checks. Each check gets `timeout`; a report is given again for `cache_for`. Checks are measured by
    /// `telemetry` when they run, which is when somebody asks for a report.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        timeout: Duration,
        cache_for: Duration,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Self {
        let (latest, running, metrics) = (RwLock::default(), Mutex::default(), Metrics::new(telemetry));
        Self { checks: Vec::new(), clock, timeout, cache_for, latest, running, metrics }
    }

    /// Adds a check.
    pub fn register(&mut self, check: Arc<dyn Check>) {
        self.checks.push(check);
    }

    /// The present report: the remembered one while it is fresh, else that of a new run. However many ask
    /// at once, the checks run once.
    pub async fn report(&self) -> Arc<Report> {
        if let Some(report) = self.fresh() {
            return report;
        }
        let _running = self.running.lock().await;
        if let Some(report) = self.fresh() {
            return report;
        }
        let report = Arc::new(self.run(&self.last_known()).await);
        let run = Run { at: self.clock.now(), report: report.clone() };
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Some(run);
        report
    }

    /// The report of the latest run, however old, without waiting for anything; empty before the first.
    #[must_use]
    pub fn last_known(&self) -> Arc<Report> {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|run| run.report.clone()).unwrap_or_default()
    }

    /// A clock that was set back makes the report stale, not eternal.
    fn fresh(&self) -> Option<Arc<Report>> {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        let run = latest.as_ref()?;
        let age = (self.clock.now() - run.at).to_std().ok()?;
        (age < self.cache_for).then(|| run.report.clone())
    }

    async fn run(&self, previous: &Report) -> Report {
        let verdicts = join_all(self.checks.iter().map(|check| self.ask(check.as_ref(), previous)));
        Report { checks: verdicts.await }
    }

    async fn ask(&self, check: &dyn Check, previous: &Report) -> (String, Status) {
        let begun = Instant::now();
        let outcome = self.outcome(check).await;
        self.metrics.checked(check.name(), outcome.is_ok(), begun.elapsed());
        let status = match &outcome {
            Ok(()) => Status::Ok,
            Err(_) if check.critical() => Status::Fail,
            Err(_) => Status::Degraded,
        };
        let before = previous.of(check.name()).unwrap_or(Status::Ok);
        log_change(check, before, &outcome);
        (check.name().to_owned(), status)
    }

    /// A check that panics has failed; it must not take down whoever asked.
    async fn outcome(&self, check: &dyn Check) -> Result<(), CheckError> {
        match tokio::time::timeout(self.timeout, AssertUnwindSafe(check.check()).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(CheckError::new("the check panicked")),
            Err(_) => Err(CheckError::new(format!("no answer within {:?}", self.timeout))),
        }
    }
}

/// One line when a part is lost and one when it is back, however often it is asked in between.
fn log_change(check: &dyn Check, before: Status, outcome: &Result<(), CheckError>) {
    let (name, critical) = (check.name(), check.critical());
    match outcome {
        Ok(()) if before != Status::Ok => tracing::info!(check = name, "health.recovered"),
        Err(error) if before == Status::Ok && critical => {
            tracing::error!(check = name, error = %error, critical, "health.lost");
        }
        Err(error) if before == Status::Ok => tracing::warn!(check = name, error = %error, "health.lost"),
        _ => {}
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|check| check.name()).collect();
        f.debug_struct("Registry").field("checks", &names).finish_non_exhaustive()
    }
}
