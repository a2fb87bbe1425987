//! How long a response waits for its client.

use std::{task::Context, time::Duration};

use tokio::time::Instant;

use super::deadline::Deadline;

/// The slowest that a client may read a response it lets wait, in bytes a second. A modem of 1995 reads faster; it
/// keeps a client from holding a response for hours by reading a byte now and then (CWE-400, "slow read").
const LEAST_RATE: u64 = 1_024;

/// Watches a client that does not take everything at once. It has to take [`LEAST_RATE`] on average over each
/// stretch of the limit: a client that merely pauses is fine, one that takes nothing is not, and neither is one
/// that reads a few bytes a second.
pub(super) struct Patience {
    limit: Duration,
    /// When the present stretch began and how much had been taken then.
    stretch: Option<(Instant, u64)>,
    deadline: Deadline,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, stretch: None, deadline: Deadline::default() }
    }

    /// The client has taken all there was.
    pub(super) fn is_satisfied(&mut self) {
        self.stretch = None;
    }

    /// Whether it is over, for a client that has taken this much since the connection began and lets more wait;
    /// wakes the task to be asked again.
    pub(super) fn is_over(&mut self, taken: u64, cx: &mut Context<'_>) -> bool {
        let (since, before) = *self.stretch.get_or_insert_with(|| (Instant::now(), taken));
        if !self.deadline.has_passed(since, self.limit, cx) {
            return false;
        }
        if taken.saturating_sub(before) < self.least() {
            return true;
        }
        let now = Instant::now();
        self.stretch = Some((now, taken));
        self.deadline.has_passed(now, self.limit, cx)
    }

    /// How many bytes of each stretch.
    fn least(&self) -> u64 {
        let millis = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        (millis.saturating_mul(LEAST_RATE) / 1_000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// Takes `bytes` after each `pause`, at most so often; when it was given up.
    async fn reading(bytes: u64, pause: Duration, times: u32) -> Option<Duration> {
        let (mut patience, start) = (Patience::new(Duration::from_secs(10)), Instant::now());
        for time in 0..times {
            let next = tokio::time::sleep(pause);
            tokio::pin!(next);
            let taken = bytes * u64::from(time);
            let over = poll_fn(|cx| match patience.is_over(taken, cx) {
                true => std::task::Poll::Ready(true),
                false => next.as_mut().poll(cx).map(|()| false),
            });
            if over.await {
                return Some(start.elapsed());
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_or_crumbs_is_given_up_in_time() {
        for (bytes, pause) in [(0, 60_000), (1, 5_000), (32, 5_000), (500, 1_000)] {
            let given_up = reading(bytes, Duration::from_millis(pause), 100).await;
            let after = given_up.unwrap().as_secs_f64();
            assert!((10.0..10.1).contains(&after), "{bytes} in {pause} ms: {after}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_keeps_reading_may_take_its_time() {
        for (bytes, pause) in [(2_048, 1_000), (16_384, 9_000)] {
            assert_eq!(
                reading(bytes, Duration::from_millis(pause), 500).await,
                None,
                "{bytes} in {pause} ms"
            );
        }
    }
}
