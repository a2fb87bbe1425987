//! How many connections there are, and how many more there may be.

use std::{mem, time::Duration};

use tokio::time::Instant;

use super::Limits;
use crate::connection::Connection;

/// After a refusal, the first further attempt comes this much later, and each next one twice as late.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// All connections are replaced at most this often.
const RETIRE_EVERY: Duration = Duration::from_secs(5);

/// The connections of a pool, counted.
pub(super) struct Supply {
    pub(super) idle: Vec<Idle>,
    /// Idle ones and those in use.
    pub(super) open: u32,
    /// Attempts under way.
    opening: u32,
    limit: u32,
    /// Set while the server gives fewer connections than the limit.
    pub(super) shortage: Option<Shortage>,
    /// Connections of an earlier generation are replaced.
    pub(super) generation: u64,
    retired_at: Option<Instant>,
    pub(super) closed: bool,
}

/// The server gives no more connections for now.
pub(super) struct Shortage {
    pub(super) reason: String,
    pause: Duration,
}

/// What an opener does after a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It ends: another one goes on trying.
    Leave,
    /// It tries again after this pause.
    Retry(Duration),
}

impl Supply {
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            idle: Vec::new(),
            open: 0,
            opening: 0,
            limit,
            shortage: None,
            generation: 0,
            retired_at: None,
            closed: false,
        }
    }

    /// How many openers are to be started for so many callers that wait; they count as opening from now on. During a
    /// shortage one attempt is made at a time.
    pub(super) fn begin_opening(&mut self, waiting: u32) -> u32 {
        if self.closed {
            return 0;
        }
        let room = self.limit.saturating_sub(self.open).saturating_sub(self.opening);
        let room = if self.shortage.is_some() { room.min(1_u32.saturating_sub(self.opening)) } else { room };
        let more = room.min(waiting.saturating_sub(self.opening));
        self.opening += more;
        more
    }

    /// An attempt is over, without a connection.
    pub(super) fn end_opening(&mut self) {
        self.opening = self.opening.saturating_sub(1);
    }

    /// An attempt is over, with a connection for one of those who wait. True when a shortage is over with it: the pool has
    /// all its connections, or nobody needs more.
    pub(super) fn opened(&mut self, waiting: u32) -> bool {
        self.end_opening();
        self.open += 1;
        if self.open >= self.limit || waiting <= 1 {
            return self.shortage.take().is_some();
        }
        if let Some(shortage) = &mut self.shortage {
            shortage.pause = FIRST_PAUSE;
        }
        false
    }

    /// The server is lost, which is no shortage.
    pub(super) fn lost(&mut self) {
        self.shortage = None;
    }

    /// The server gives no more connections. True when that is news. An opener that leaves does not count any more.
    pub(super) fn refused(&mut self, reason: &str) -> (Next, bool) {
        let is_news = self.shortage.is_none();
        let alone = self.opening <= 1;
        let shortage =
            self.shortage.get_or_insert_with(|| Shortage { reason: String::new(), pause: FIRST_PAUSE });
        reason.clone_into(&mut shortage.reason);
        let pause = shortage.pause;
        if !alone {
            self.opening -= 1;
            return (Next::Leave, is_news);
        }
        shortage.pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        (Next::Retry(pause), is_news)
    }

    /// How long an opener that starts now waits first.
    pub(super) fn pause(&self) -> Duration {
        self.shortage.as_ref().map_or(Duration::ZERO, |shortage| shortage.pause)
    }

    pub(super) fn lose_one(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// Begins a new generation of connections; `false` when that happened a moment ago.
    pub(super) fn retire(&mut self) -> bool {
        let now = Instant::now();
        if self.retired_at.is_some_and(|at| now.duration_since(at) < RETIRE_EVERY) {
            return false;
        }
        self.retired_at = Some(now);
        self.generation += 1;
        true
    }

    /// Removes the idle connections that `is_taken` names.
    pub(super) fn take_idle(&mut self, is_taken: impl Fn(&Idle) -> bool) -> Vec<Idle> {
        let (taken, kept) = mem::take(&mut self.idle).into_iter().partition(is_taken);
        self.idle = kept;
        taken
    }
}

/// A connection that nobody uses.
pub(super) struct Idle {
    pub(super) connection: Connection,
    pub(super) opened: Instant,
    pub(super) generation: u64,
    pub(super) since: Instant,
}

impl Idle {
    pub(super) fn new(connection: Connection, generation: u64) -> Self {
        let now = Instant::now();
        Self { connection, opened: now, generation, since: now }
    }

    /// Whether it may still be used.
    pub(super) fn is_fresh(&self, limits: &Limits, generation: u64) -> bool {
        self.generation == generation && limits.max_lifetime.is_none_or(|most| self.opened.elapsed() < most)
    }

    /// Whether nobody has needed it for long.
    pub(super) fn is_unused(&self, limits: &Limits) -> bool {
        limits.idle_timeout.is_some_and(|most| self.since.elapsed() >= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_opened_as_callers_wait_and_the_limit_allows() {
        let mut supply = Supply::new(3);
        assert_eq!(supply.begin_opening(2), 2);
        assert_eq!(supply.begin_opening(2), 0, "two are under way for two");
        assert_eq!(supply.begin_opening(9), 1);
        assert!(!supply.opened(9));
        assert_eq!(supply.begin_opening(9), 0, "one is open and two are under way");
    }

    #[test]
    fn after_a_refusal_one_attempt_is_made_at_a_time_and_ever_later() {
        let mut supply = Supply::new(20);
        assert_eq!(supply.begin_opening(3), 3);
        assert_eq!(supply.refused("full"), (Next::Leave, true));
        assert_eq!(supply.refused("full"), (Next::Leave, false));
        let pauses: Vec<Next> = (0..6).map(|_| supply.refused("full").0).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1_000].map(|ms| Next::Retry(Duration::from_millis(ms))));
        assert_eq!(supply.begin_opening(20), 0, "one is under way");
        supply.opened(20);
        assert_eq!(supply.begin_opening(20), 1);
        assert_eq!(supply.pause(), FIRST_PAUSE, "a success lets the next attempt follow soon");
    }

    #[test]
    fn the_shortage_is_over_when_the_pool_has_all_its_connections_or_nobody_needs_more() {
        for (limit, waiting) in [(2, 9), (9, 1)] {
            let mut supply = Supply::new(limit);
            assert_eq!(supply.begin_opening(1), 1);
            supply.refused("full");
            assert!(!supply.opened(9));
            assert_eq!(supply.begin_opening(1), 1);
            assert!(supply.opened(waiting));
            assert_eq!(supply.pause(), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn connections_are_not_replaced_without_pause() {
        let mut supply = Supply::new(2);
        assert!(supply.retire());
        assert!(!supply.retire());
        tokio::time::advance(RETIRE_EVERY).await;
        assert!(supply.retire());
        assert_eq!(supply.generation, 2);
    }
}
