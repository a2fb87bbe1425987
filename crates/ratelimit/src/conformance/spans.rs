//! What passes in any span of time.

use std::time::Duration;

use super::{MOMENT, Suite, a_moment, someone};
use crate::{Algorithm, Policy, Quota};

/// When a request that passed was sent, and when its answer was there: it was counted in between.
#[derive(Debug, Clone, Copy)]
struct Passed {
    sent: Duration,
    answered: Duration,
}

const LIMIT: u32 = 6;
/// Two clocks of one computer, read one after the other.
const SLACK: Duration = Duration::from_millis(2);

impl Suite {
    pub(super) async fn no_span_holds_more_than_promised(&self) {
        for quota in [a_moment(LIMIT), a_moment(LIMIT).with_burst(2)] {
            let passed = self.ask_for_four_windows(&self.policy([quota])).await;
            // Two windows are full whatever the border of the first, even where parts are counted too long.
            assert!(passed.len() >= LIMIT as usize * 2, "{passed:?}");
            for (number, first) in passed.iter().enumerate() {
                for (more, last) in passed[number..].iter().enumerate() {
                    let span = last.answered - first.sent + SLACK;
                    let count = u32::try_from(more).unwrap() + 1;
                    assert!(
                        count <= self.promised(&quota, span),
                        "{count} of {quota:?} in {span:?}: {passed:?}"
                    );
                }
            }
        }
    }

    /// As a hasty client would: again and again.
    async fn ask_for_four_windows(&self, policy: &Policy) -> Vec<Passed> {
        let watch = self.time.watch();
        let mut passed = Vec::new();
        while watch() < MOMENT * 4 {
            let sent = watch();
            if self.passes(policy, &someone(), 1).await {
                passed.push(Passed { sent, answered: watch() });
            }
            self.time.pass(MOMENT / 60).await;
        }
        passed
    }

    /// The most that may have passed in a span that is no longer than this.
    fn promised(&self, quota: &Quota, span: Duration) -> u32 {
        let windows = |span: Duration| u32::try_from(span.as_nanos() / quota.window().as_nanos()).unwrap();
        match self.algorithm {
            Algorithm::TokenBucket => {
                let refilled = span.as_nanos() * u128::from(quota.limit()) / quota.window().as_nanos();
                quota.capacity() + u32::try_from(refilled).unwrap()
            }
            Algorithm::SlidingWindow => quota.capacity() * (windows(span) + 1),
            // A span may begin just before a border.
            Algorithm::FixedWindow => quota.capacity() * (windows(span) + 2),
        }
    }
}
