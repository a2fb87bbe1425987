//! A connection of a pool while it is not idle.

use std::sync::Arc;

use tokio::{runtime::Handle, time::Instant};

use super::{Idle, Limits, Pool};
use crate::connection::Connection;

/// A connection that is counted in its pool. Dropped, it is closed without a word to the server.
pub(crate) struct Slot {
    connection: Option<Connection>,
    opened: Instant,
    generation: u64,
    pool: Arc<Pool>,
}

impl Slot {
    pub(super) fn new(idle: Idle, pool: &Arc<Pool>) -> Self {
        let Idle { connection, opened, generation, .. } = idle;
        Self { connection: Some(connection), opened, generation, pool: Arc::clone(pool) }
    }

    pub(crate) const fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }

    /// Gives the connection to whoever waits first, or closes it when its time is over.
    pub(crate) fn release(mut self) {
        let Some(connection) = self.connection.take() else { return };
        let idle =
            Idle { connection, opened: self.opened, generation: self.generation, since: Instant::now() };
        if let Err(idle) = self.pool.put(idle) {
            self.connection = Some(idle.connection);
            self.dispose();
        }
    }

    /// Closes the connection in a task that ends within the time that opening one may take.
    pub(crate) fn dispose(self) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.close());
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(mut self) {
        if let Some(connection) = self.connection.take() {
            // Counted as open until it is closed: the server must not be asked for one too many.
            let _counted = Counted(&self.pool);
            connection.close(self.pool.limits.open_within).await;
        }
    }

    /// Has all connections replaced that were opened before or with this one.
    pub(crate) fn retire_all(&self) {
        self.pool.retire();
    }

    pub(super) fn is_fresh(&self, limits: &Limits, generation: u64) -> bool {
        self.generation == generation && limits.max_lifetime.is_none_or(|most| self.opened.elapsed() < most)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection);
            self.pool.lost_one();
        }
    }
}

/// One connection that is being closed.
struct Counted<'a>(&'a Arc<Pool>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.lost_one();
    }
}
