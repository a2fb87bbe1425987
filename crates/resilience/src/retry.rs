//! Makes a call again that failed.

mod budget;

use std::{future::Future, time::Duration};

use tokio::time::sleep;

pub use self::budget::RetryBudget;
use crate::{
    Again, Backoff, Error, Verdict,
    timeout::{Deadline, Timeout},
};

/// Makes a call again that failed for the moment: so many times, after waits that a [`Backoff`] draws or the callee
/// asks for, within a time limit and a [`RetryBudget`].
///
/// Only a call that may be made twice should stand behind it. Retry in one place of a chain of calls: three attempts on
/// each of three levels are 27 calls to the lowest.
#[derive(Debug, Clone)]
pub struct Retry {
    attempts: u32,
    backoff: Backoff,
    limit: Timeout,
    budget: Option<RetryBudget>,
}

impl Retry {
    /// Attempts in all, where nobody says otherwise.
    pub const DEFAULT_ATTEMPTS: u32 = 3;

    /// Three attempts in all, without a time limit and without a budget.
    #[must_use]
    pub const fn new(backoff: Backoff) -> Self {
        Self { attempts: Self::DEFAULT_ATTEMPTS, backoff, limit: Timeout::none(), budget: None }
    }

    /// The same with so many attempts in all; 0 counts as 1.
    #[must_use]
    pub const fn attempts(mut self, most: u32) -> Self {
        self.attempts = if most == 0 { 1 } else { most };
        self
    }

    /// The same, beginning no attempt that would begin later than this after the first. What is under way is not cut
    /// short: that is [`Timeout::in_all`].
    #[must_use]
    pub const fn within(mut self, limit: Duration) -> Self {
        self.limit = Timeout::none().in_all(limit);
        self
    }

    /// The same out of this budget, which others may share.
    #[must_use]
    pub fn budget(mut self, budget: RetryBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Makes the call that `call` makes each time it is called, until it succeeds or should not be made again. What
    /// `classify` says of the callee is not used here.
    ///
    /// # Errors
    /// [`Error::Failed`] with what the last attempt failed with.
    pub async fn call<T, E, F>(
        &self,
        mut call: impl FnMut() -> F,
        classify: impl Fn(&E) -> Verdict,
    ) -> Result<T, Error<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.call_begins();
        let mut course = self.begin(None);
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match course.next(classify(&error).again) {
                Next::Wait(wait) => sleep(wait).await,
                Next::Stop(_) => return Err(Error::Failed { error, attempts: course.made }),
            }
        }
    }

    /// The first attempt of a call is made.
    pub(crate) fn call_begins(&self) {
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
    }

    /// The attempts of a call that must be over at `deadline`.
    pub(crate) fn begin(&self, deadline: Option<Deadline>) -> Course<'_> {
        Course { retry: self, made: 0, deadlines: [deadline, self.limit.deadline()] }
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Course<'a> {
    retry: &'a Retry,
    /// Attempts so far.
    made: u32,
    deadlines: [Option<Deadline>; 2],
}

/// What comes after an attempt that failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another one, after this wait.
    Wait(Duration),
    /// None.
    Stop(Stop),
}

/// Why there is no other attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It would not help.
    Pointless,
    /// There were enough, or there is no time for another one.
    Exhausted,
    /// All callers together have made enough.
    OverBudget,
}

impl Course<'_> {
    /// An attempt has failed.
    pub(crate) fn next(&mut self, again: Again) -> Next {
        self.made = self.made.saturating_add(1);
        let backoff = &self.retry.backoff;
        let wait = match again {
            Again::Never => return Next::Stop(Stop::Pointless),
            Again::Backoff => backoff.delay(self.made - 1),
            Again::After(wanted) => backoff.delay_after(wanted),
        };
        let in_time = self.deadlines.iter().flatten().all(|deadline| deadline.allows(wait));
        if self.made >= self.retry.attempts || !in_time {
            Next::Stop(Stop::Exhausted)
        } else if self.retry.budget.as_ref().is_some_and(|budget| !budget.withdraw()) {
            Next::Stop(Stop::OverBudget)
        } else {
            Next::Wait(wait)
        }
    }
}
