//! Detects clients that read a response too slowly.

use std::{task::Context, time::Duration};

use tokio::time::Instant;

use super::deadline::Deadline;

/// Minimum rate at which a client must read a waiting response, in bytes per second. It prevents slow-read attacks
/// (CWE-400): without it a client could hold a response for hours by reading a byte now and then. A 28.8 kbit/s modem is
/// three times as fast.
const MIN_RATE: u64 = 1_024;

/// Measures how fast a client reads a response while bytes are waiting. A client must read at [`MIN_RATE`] on average over
/// each window. A client may pause within a window, but one that reads nothing, or a few bytes per second, has stalled.
pub(super) struct StallDetector {
    window: Duration,
    /// The start of the current window, and the bytes sent until then.
    start: Option<(Instant, u64)>,
    deadline: Deadline,
}

impl StallDetector {
    pub(super) fn new(window: Duration) -> Self {
        Self { window, start: None, deadline: Deadline::default() }
    }

    /// Records that no bytes are waiting.
    pub(super) fn all_sent(&mut self) {
        self.start = None;
    }

    /// Whether the client has stalled. `sent` is the number of bytes sent since the connection started, and more are
    /// waiting. Otherwise wakes the task at the end of the window.
    pub(super) fn has_stalled(&mut self, sent: u64, cx: &mut Context<'_>) -> bool {
        let (since, before) = *self.start.get_or_insert_with(|| (Instant::now(), sent));
        if !self.deadline.has_passed(since, self.window, cx) {
            return false;
        }
        if sent.saturating_sub(before) < self.min_bytes() {
            return true;
        }
        let now = Instant::now();
        self.start = Some((now, sent));
        self.deadline.has_passed(now, self.window, cx)
    }

    /// Minimum bytes per window.
    fn min_bytes(&self) -> u64 {
        let millis = u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX);
        (millis.saturating_mul(MIN_RATE) / 1_000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// Reads `bytes` after each `pause`, at most `times` times. The time after which the client had stalled.
    async fn stalled_after(bytes: u64, pause: Duration, times: u32) -> Option<Duration> {
        let (mut stall_detector, start) = (StallDetector::new(Duration::from_secs(10)), Instant::now());
        for time in 0..times {
            let next = tokio::time::sleep(pause);
            tokio::pin!(next);
            let sent = bytes * u64::from(time);
            let stalled = poll_fn(|cx| match stall_detector.has_stalled(sent, cx) {
                true => std::task::Poll::Ready(true),
                false => next.as_mut().poll(cx).map(|()| false),
            });
            if stalled.await {
                return Some(start.elapsed());
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_or_too_slowly_has_stalled_after_one_window() {
        for (bytes, pause) in [(0, 60_000), (1, 5_000), (32, 5_000), (500, 1_000)] {
            let stalled = stalled_after(bytes, Duration::from_millis(pause), 100).await;
            let after = stalled.unwrap().as_secs_f64();
            assert!((10.0..10.1).contains(&after), "{bytes} in {pause} ms: {after}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_above_the_minimum_rate_never_stalls() {
        for (bytes, pause) in [(2_048, 1_000), (16_384, 9_000)] {
            assert_eq!(
                stalled_after(bytes, Duration::from_millis(pause), 500).await,
                None,
                "{bytes} in {pause} ms"
            );
        }
    }
}
