//! Which parts a policy has.

use std::sync::Arc;

use super::{Inner, Policy, counters::Tallies};
use crate::{Breaker, Bulkhead, Retry, Timeout};

/// Makes a [`Policy`] of the parts that are wanted. Without any it lets every call through.
#[derive(Debug, Clone)]
#[must_use = "it is no policy yet"]
pub struct PolicyBuilder {
    name: Arc<str>,
    timeout: Timeout,
    retry: Option<Retry>,
    breaker: Option<Breaker>,
    bulkhead: Option<Bulkhead>,
}

impl PolicyBuilder {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self { name, timeout: Timeout::none(), retry: None, breaker: None, bulkhead: None }
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

    pub(crate) fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// The policy.
    #[must_use]
    pub fn build(self) -> Policy {
        let Self { name, timeout, retry, breaker, bulkhead } = self;
        Policy(Arc::new(Inner { name, timeout, retry, breaker, bulkhead, tallies: Tallies::default() }))
    }
}
