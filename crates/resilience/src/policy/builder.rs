//! Which parts a policy has.

use std::{fmt, sync::Arc};

use palisade_telemetry::metrics::{Off, Telemetry};

use super::{Inner, Policy, counters::Tallies, metrics::PolicyMetrics};
use crate::{Breaker, Bulkhead, Retry, Timeout};

/// Makes a [`Policy`] of the parts that are wanted. Without any it lets every call through.
#[derive(Clone)]
#[must_use = "it is no policy yet"]
pub struct PolicyBuilder {
    name: Arc<str>,
    timeout: Timeout,
    retry: Option<Retry>,
    breaker: Option<Breaker>,
    bulkhead: Option<Bulkhead>,
    telemetry: Arc<dyn Telemetry>,
}

impl PolicyBuilder {
    pub(super) fn new(name: Arc<str>) -> Self {
        let telemetry = Arc::new(Off);
        Self { name, timeout: Timeout::none(), retry: None, breaker: None, bulkhead: None, telemetry }
    }

    /// With these time limits.
    pub fn timeout(mut self, timeout: Timeout) -> Self {
        self.timeout = timeout;
        self
    }

    /// With retries.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// With this breaker, which other policies for the same callee may share.
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// With this bulkhead, which other policies may share.
    pub fn bulkhead(mut self, bulkhead: Bulkhead) -> Self {
        self.bulkhead = Some(bulkhead);
        self
    }

    /// With its retries and its breaker measured, under its name. Without this nothing is.
    pub fn telemetry(mut self, telemetry: &Arc<dyn Telemetry>) -> Self {
        self.telemetry = Arc::clone(telemetry);
        self
    }

    pub(crate) fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// The policy.
    #[must_use]
    pub fn build(self) -> Policy {
        let Self { name, timeout, retry, breaker, bulkhead, telemetry } = self;
        let metrics = PolicyMetrics::new(&telemetry);
        let tallies = Tallies::new(metrics.delay.with([&name]));
        let policy = Policy(Arc::new(Inner { name, timeout, retry, breaker, bulkhead, tallies }));
        policy.measure(metrics, &telemetry);
        policy
    }
}

impl fmt::Debug for PolicyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
