//! How many pass.

use super::{Suite, a_day, someone};
use crate::{Algorithm, Quota};

impl Suite {
    pub(super) async fn as_many_pass_as_the_limit_says(&self) {
        for limit in [1, 2, 7] {
            let policy = self.policy([a_day(limit)]);
            for left in (0..limit).rev() {
                let decision = self.check(&policy, &someone(), 1).await;
                assert!(decision.allowed, "{limit} a day: {decision:?}");
                assert_eq!((decision.remaining, decision.quota), (left, a_day(limit)));
            }
            let decision = self.check(&policy, &someone(), 1).await;
            assert!(!decision.allowed && decision.remaining == 0, "{limit} a day: {decision:?}");
        }
    }

    pub(super) async fn a_burst_comes_on_top_of_the_limit(&self) {
        let quota = a_day(10).with_burst(3);
        let policy = self.policy([quota]);
        for left in (0..13).rev() {
            assert_eq!(self.check(&policy, &someone(), 1).await.remaining, left);
        }
        let decision = self.check(&policy, &someone(), 1).await;
        assert!(!decision.allowed && decision.quota == quota, "{decision:?}");
        // A request that costs more than limit and burst never fits.
        assert!(!self.passes(&self.policy([quota]), &someone(), 14).await);
        assert!(self.passes(&self.policy([quota]), &someone(), 13).await);
    }

    pub(super) async fn a_cost_is_taken_whole_or_not_at_all(&self) {
        let policy = self.policy([a_day(10)]);
        assert_eq!(self.check(&policy, &someone(), 4).await.remaining, 6);
        let refused = self.check(&policy, &someone(), 7).await;
        assert!(!refused.allowed && refused.remaining == 6, "{refused:?}");
        assert_eq!(self.check(&policy, &someone(), 6).await.remaining, 0);
        assert!(!self.passes(&policy, &someone(), 1).await);
    }

    pub(super) async fn what_never_fits_is_refused_for_ever(&self) {
        let policy = self.policy([a_day(10), Quota::per_day(100)]);
        for cost in [11, u32::MAX] {
            let decision = self.check(&policy, &someone(), cost).await;
            assert_eq!((decision.remaining, decision.retry_after), (10, Some(a_day(10).window())), "{cost}");
        }
        assert!(self.passes(&policy, &someone(), 10).await, "what was refused was not counted");
    }

    pub(super) async fn the_tightest_quota_speaks(&self) {
        let (hour, day) = (Quota::per_hour(8), a_day(10));
        // In both orders: it is not the place that matters.
        for quotas in [[hour, day], [day, hour]] {
            let policy = self.policy(quotas);
            let first = self.check(&policy, &someone(), 5).await;
            assert_eq!((first.remaining, first.quota), (3, hour));
            let refused = self.check(&policy, &someone(), 6).await;
            assert!(!refused.allowed, "{refused:?}");
            // In the last hour of a day both fixed windows end together.
            let longer = self.algorithm == Algorithm::FixedWindow || refused.quota == day;
            assert!(longer, "the longer wait: {refused:?}");
        }
    }

    pub(super) async fn a_lowered_limit_heeds_what_was_counted(&self) {
        // A bucket remembers a share of time and no number.
        if self.algorithm == Algorithm::TokenBucket {
            return;
        }
        let policy = self.policy([a_day(10)]);
        assert!(self.passes(&policy, &someone(), 5).await);
        let lowered = crate::Policy::new(policy.name(), self.algorithm, [a_day(6)]).unwrap();
        assert_eq!(self.check(&lowered, &someone(), 1).await.remaining, 0);
        assert!(!self.passes(&lowered, &someone(), 1).await);
        assert_eq!(self.check(&policy, &someone(), 1).await.remaining, 3);
    }
}
