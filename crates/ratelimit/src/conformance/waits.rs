//! What a caller is told to wait.

use super::{Suite, a_day, a_moment, someone};
use crate::{Algorithm, Quota};

impl Suite {
    pub(super) async fn who_waits_as_told_is_let_in(&self) {
        let with_a_burst = self.policy([a_moment(5).with_burst(1)]);
        let several = self.policy([a_moment(3), Quota::new(7, super::MOMENT * 2).unwrap(), a_day(1_000)]);
        for policy in [with_a_burst, several] {
            for cost in [1, 1, 1, 2, 3, 1] {
                let cost = cost.min(policy.quotas()[0].capacity());
                // Another client's requests change nothing.
                self.passes(&policy, &crate::LimitKey::new("another"), 1).await;
                for _ in 0..50 {
                    let decision = self.check(&policy, &someone(), cost).await;
                    if let Some(wait) = decision.retry_after {
                        self.time.pass(wait).await;
                        let again = self.check(&policy, &someone(), cost).await;
                        assert!(again.allowed, "after {wait:?}: {again:?}");
                        break;
                    }
                }
            }
        }
    }

    pub(super) async fn after_the_reset_everything_is_free(&self) {
        let policy = self.policy([a_moment(4)]);
        for cost in [1, 2, 4] {
            let decision = self.check(&policy, &someone(), cost).await;
            assert!(decision.allowed, "everything is free: {decision:?}");
            self.time.pass(decision.reset_after).await;
        }
        // A bucket recovers evenly: the reset of one of four is a quarter of that of all.
        if self.algorithm == Algorithm::TokenBucket {
            let policy = self.policy([a_day(4)]);
            let one = self.check(&policy, &someone(), 1).await.reset_after;
            assert!(one <= a_day(4).window() / 4 + std::time::Duration::from_millis(1), "{one:?}");
        }
    }
}
