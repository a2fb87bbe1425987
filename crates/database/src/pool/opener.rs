//! Opens one connection for whoever waits.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use super::{
    Pool,
    supply::{Idle, Next},
};
use crate::{
    Error,
    connection::Connection,
    error::{Refused, refused},
};

/// A pool with connections that work is in trouble for this long before the server counts as lost.
const PATIENCE: Duration = Duration::from_secs(1);

/// An attempt to open a connection, which counts as under way for as long as this lives.
pub(super) struct Opener {
    pool: Arc<Pool>,
    is_counted: bool,
}

impl Opener {
    pub(super) const fn new(pool: Arc<Pool>) -> Self {
        Self { pool, is_counted: true }
    }

    /// Tries until there is a connection, nobody waits any more, or the server is lost.
    pub(super) async fn run(mut self) {
        let pool = Arc::clone(&self.pool);
        let pause = pool.supply().pause();
        sleep(pause).await;
        let mut since = Instant::now();
        let mut answers = pool.shared.answers();
        while pool.gate.waiting() > 0 {
            let generation = pool.supply().generation;
            let refused = match self.attempt().await {
                Ok(connection) => return self.succeed(Idle::new(connection, generation)),
                Err(refused) => refused,
            };
            if answers != pool.shared.answers() {
                (since, answers) = (Instant::now(), pool.shared.answers());
            }
            if !refused.is_shortage && (pool.supply().open == 0 || since.elapsed() >= PATIENCE) {
                self.give_up(&refused.error);
                break;
            }
            let Some(pause) = self.pause_after(&refused.error) else { return };
            sleep(pause).await;
        }
        self.finish();
    }

    async fn attempt(&self) -> Result<Connection, Refused> {
        let Pool { source, place, limits, .. } = &*self.pool;
        match timeout(limits.open_within, source.open()).await {
            Ok(outcome) => outcome.map_err(|error| refused(source.dialect(), place, error)),
            Err(_) => {
                let error = Error::unavailable(format!("{place} does not answer"));
                Err(Refused { error, is_shortage: false })
            }
        }
    }

    fn succeed(mut self, idle: Idle) {
        self.is_counted = false;
        let (is_over, open) = {
            let waiting = self.pool.gate.waiting();
            let mut supply = self.pool.supply();
            (supply.opened(waiting), supply.open)
        };
        if is_over {
            tracing::info!(open, "database.connections_enough");
        }
        super::Slot::new(idle, &self.pool).release();
        self.pool.open_more();
    }

    /// Ends without a connection. Somebody may have begun to wait meanwhile.
    fn finish(mut self) {
        self.is_counted = false;
        self.pool.supply().end_opening();
        self.pool.open_more();
    }

    /// The server is lost: nobody is to wait for it.
    fn give_up(&self, error: &Error) {
        let reason = match error {
            Error::Unavailable { reason } => reason.clone(),
            error => error.to_string(),
        };
        self.pool.supply().lost();
        self.pool.shared.failed(&reason);
        self.pool.gate.turn_away(&reason);
    }

    /// How long to wait before the next attempt; none when another opener makes it.
    fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        let reason = error.to_string();
        let (next, is_news, open) = {
            let mut supply = self.pool.supply();
            let (next, is_news) = supply.refused(&reason);
            (next, is_news, supply.open)
        };
        if is_news {
            let limit = self.pool.limits.connections;
            tracing::warn!(open, limit, reason, "database.connections_short");
        }
        match next {
            Next::Leave => {
                self.is_counted = false;
                None
            }
            Next::Retry(pause) => Some(pause),
        }
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        if self.is_counted {
            self.pool.supply().end_opening();
        }
    }
}
