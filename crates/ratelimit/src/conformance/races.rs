//! Many at once.

use tokio::task::JoinSet;

use super::{Suite, a_day, someone};
use crate::{Policy, Quota};

impl Suite {
    pub(super) async fn of_many_at_once_the_limit_passes(&self) {
        let policy = self.policy([a_day(50), Quota::per_day(70)]);
        assert_eq!(self.race(&policy, 200, 1).await, 50);
        assert!(!self.passes(&policy, &someone(), 1).await);
    }

    pub(super) async fn of_many_costs_at_once_no_more_than_fits(&self) {
        let policy = self.policy([a_day(50)]);
        assert_eq!(self.race(&policy, 60, 3).await, 16);
        assert_eq!(self.check(&policy, &someone(), 2).await.remaining, 0);
    }

    /// How many of so many tasks were let through.
    async fn race(&self, policy: &Policy, tasks: usize, cost: u32) -> usize {
        let mut racers = JoinSet::new();
        for _ in 0..tasks {
            let (limiter, policy) = (self.limiter.clone(), policy.clone());
            racers.spawn(async move {
                let cost = cost.try_into().unwrap();
                limiter.check(&policy, &someone(), cost).await.unwrap().allowed
            });
        }
        racers.join_all().await.into_iter().filter(|passed| *passed).count()
    }
}
