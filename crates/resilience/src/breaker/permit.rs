//! The right to make one call.

use super::{Breaker, word::Period};

/// The right to make one call, and the duty to say how it went.
///
/// Dropped without a verdict, as when a caller goes away, it judges nothing and gives its place back.
#[derive(Debug)]
#[must_use = "dropping it says that the call was not made"]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    began: Period,
    outcome: Outcome,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
    Cancelled,
}

impl<'a> Permit<'a> {
    pub(super) fn new(breaker: &'a Breaker, began: Period) -> Self {
        Self { breaker, began, outcome: Outcome::Cancelled }
    }

    /// The callee has answered; that it may have said no is no failure.
    #[inline]
    pub fn succeeded(mut self) {
        self.outcome = Outcome::Success;
    }

    /// The callee has failed.
    #[inline]
    pub fn failed(mut self) {
        self.outcome = Outcome::Failure;
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.breaker.judge(self.began, self.outcome);
    }
}
