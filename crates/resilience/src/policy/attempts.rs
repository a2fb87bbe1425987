//! One call: its attempts and the waits between them.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::time::sleep;

use super::Policy;
use crate::{Again, Callee, Error, Verdict, outcome::Outcome, retry::Next, timeout::Deadline};

/// How many attempts of a call were begun, told even when the call is cut off.
#[derive(Debug, Default)]
pub(super) struct Begun(AtomicU32);

impl Begun {
    pub(super) fn number(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether it is the first.
    fn one_more(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) == 0
    }
}

/// An attempt without an answer.
struct Miss<E> {
    error: Error<E>,
    again: Again,
}

impl<E, R: Into<Error<E>>> From<R> for Miss<E> {
    /// What refuses an attempt ends the call.
    fn from(refusal: R) -> Self {
        Self { error: refusal.into(), again: Again::Never }
    }
}

impl Policy {
    pub(super) async fn attempts<R, F>(
        &self,
        deadline: Option<Deadline>,
        begun: &Begun,
        mut call: impl FnMut() -> F,
        classify: impl Fn(&R::Failure) -> Verdict,
    ) -> Result<R::Value, Error<R::Failure>>
    where
        R: Outcome,
        F: Future<Output = R>,
    {
        let tallies = &self.0.tallies;
        let mut course = self.0.retry.as_ref().map(|retry| retry.begin(deadline));
        let mut failed = None;
        loop {
            let Miss { error, again } = match self.attempt(deadline, begun, &mut call, &classify).await {
                Ok(answer) => {
                    if failed.is_some() {
                        tallies.recovered();
                    }
                    return Ok(answer);
                }
                Err(miss) => miss,
            };
            let refused = matches!(error, Error::Open { .. } | Error::Full);
            // An earlier failure of the callee says more than that it is not to be called again.
            let error = if refused { failed.take().unwrap_or(error) } else { error.after(begun.number()) };
            match course.as_mut().map(|course| course.next(again)) {
                Some(Next::Wait(wait)) => {
                    tallies.retry_after(wait);
                    tracing::debug!(policy = self.name(), attempt = begun.number(), ?wait, "retry.waiting");
                    failed = Some(error);
                    sleep(wait).await;
                }
                Some(Next::Stop(why)) => {
                    tallies.stopped(&why);
                    return Err(error);
                }
                None => return Err(error),
            }
        }
    }

    async fn attempt<R, F>(
        &self,
        deadline: Option<Deadline>,
        begun: &Begun,
        call: &mut impl FnMut() -> F,
        classify: &impl Fn(&R::Failure) -> Verdict,
    ) -> Result<R::Value, Miss<R::Failure>>
    where
        R: Outcome,
        F: Future<Output = R>,
    {
        // Dropped on any way out that gives no verdict, which gives a probe's place back.
        let permit = self.0.breaker.as_ref().map(|breaker| breaker.acquire()).transpose()?;
        let _slot = match &self.0.bulkhead {
            Some(bulkhead) => Some(bulkhead.acquire().await?),
            None => None,
        };
        // Only now, for a call that was refused must not add to the budget of retries.
        if begun.one_more()
            && let Some(retry) = &self.0.retry
        {
            retry.call_begins();
        }
        self.0.tallies.attempt();
        let answer = {
            let call = pin!(call());
            self.0.timeout.attempt(deadline, call).await
        };
        let (outcome, callee) = match answer.map(Outcome::into_result) {
            Ok(Ok(answer)) => (Ok(answer), Callee::Well),
            Ok(Err(error)) => {
                let Verdict { callee, again } = classify(&error);
                (Err(Miss { error: Error::Failed { error, attempts: 1 }, again }), callee)
            }
            Err(timed_out) => {
                self.0.tallies.timed_out();
                (Err(Miss { error: timed_out.into(), again: Again::Backoff }), Callee::Failing)
            }
        };
        match (permit, callee) {
            (Some(permit), Callee::Well) => permit.succeeded(),
            (Some(permit), Callee::Failing) => permit.failed(),
            (Some(permit), Callee::Unknown) => drop(permit),
            (None, _) => {}
        }
        outcome
    }
}
