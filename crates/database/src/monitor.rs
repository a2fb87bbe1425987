//! How long statements take. Slow ones are logged without their values.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::{
    Dialect,
    metrics::{Metrics, operation},
};

/// Watches how long statements take.
#[derive(Debug)]
pub(crate) struct Monitor {
    dialect: Dialect,
    slow_after: Duration,
    slow_queries: AtomicU64,
    pub(crate) metrics: Metrics,
}

impl Monitor {
    pub(crate) fn new(dialect: Dialect, slow_after: Duration, metrics: Metrics) -> Self {
        Self { dialect, slow_after, slow_queries: AtomicU64::new(0), metrics }
    }

    pub(crate) fn saw(&self, sql: &str, took: Duration) {
        let metrics = &self.metrics;
        metrics.duration.with([operation(sql)]).observe_duration(took);
        if took < self.slow_after {
            return;
        }
        metrics.slow.with([operation(sql)]).increment();
        self.slow_queries.fetch_add(1, Ordering::Relaxed);
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(duration_ms, dialect = self.dialect.as_str(), statement = sql, "database.slow_query");
    }

    pub(crate) fn slow_queries(&self) -> u64 {
        self.slow_queries.load(Ordering::Relaxed)
    }
}
