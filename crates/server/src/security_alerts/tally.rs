//! How often something happened lately.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use palisade_core::{Moment, Timeline};
use tokio::sync::mpsc;

use super::{Alert, Kind};

/// The window in which is counted.
pub(super) const WINDOW: Duration = Duration::from_secs(300);

/// Counts in windows, and tells once per window that the threshold is reached.
pub(super) struct Tally {
    kind: Kind,
    threshold: u64,
    timeline: Timeline,
    window: Mutex<Window>,
    alerts: mpsc::Sender<Alert>,
}

struct Window {
    begin: Moment,
    count: u64,
}

impl Tally {
    pub(super) fn new(
        (kind, threshold): (Kind, u64),
        timeline: Timeline,
        alerts: mpsc::Sender<Alert>,
    ) -> Self {
        let window = Mutex::new(Window { begin: timeline.now(), count: 0 });
        Self { kind, threshold, timeline, window, alerts }
    }

    pub(super) fn count(&self, count: u64, cause: &Arc<str>) {
        let now = self.timeline.now();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if u128::from(now.nanos().saturating_sub(window.begin.nanos())) >= WINDOW.as_nanos() {
            *window = Window { begin: now, count: 0 };
        }
        let before = window.count;
        window.count = before.saturating_add(count);
        let is_reached = before < self.threshold && window.count >= self.threshold;
        drop(window);
        if is_reached {
            let (kind, threshold, window_seconds) = (self.kind, self.threshold, WINDOW.as_secs());
            let cause_of = |of: Kind| (of == kind).then_some(&**cause);
            palisade_telemetry::critical!(
                kind = kind.name(),
                threshold,
                window_seconds,
                policy = cause_of(Kind::RateLimit),
                reason = cause_of(Kind::AuthFailure),
                "security.alert"
            );
            // A full queue has alerts of these kinds in it that were not told yet.
            let _ = self.alerts.try_send(Alert { kind, threshold, cause: Arc::clone(cause) });
        }
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::ManualClock;

    use super::*;

    #[test]
    fn a_threshold_is_told_once_a_window() {
        let clock = Arc::new(ManualClock::at(chrono::DateTime::UNIX_EPOCH));
        let (sender, mut alerts) = mpsc::channel(9);
        let tally = Tally::new((Kind::AuthFailure, 3), Timeline::following(clock.clone()), sender);
        let cause = "token_invalid".into();
        let mut told = || std::iter::from_fn(|| alerts.try_recv().ok()).count();
        let mut told_after = |counts: &[u64]| {
            counts.iter().for_each(|count| tally.count(*count, &cause));
            told()
        };
        assert_eq!(told_after(&[1, 1]), 0);
        assert_eq!(told_after(&[1, 5, 5]), 1);
        clock.advance(WINDOW);
        assert_eq!(told_after(&[2]), 0, "a new window begins at nothing");
        assert_eq!(told_after(&[9]), 1);
    }
}
