//! What means the same in every domain.

use std::sync::Arc;

use super::{Declaration, Telemetry};

crate::metrics! {
    /// The metrics behind [`Common`].
    struct Metrics {
        /// What was asked for, such as `register`, `create`, `read`, `list`, `update`, `delete` of users; by outcome:
        /// `success`, `refused` (the caller's doing), `error` (ours).
        actions: Counter["action", "outcome"] = "user_actions_total",
        /// Features that were used, such as options of lists: `search`, `filter`, `sort`, `cursor`.
        features: Counter["feature"] = "feature_usage_total",
        /// Records that were read or written: `read`, `created`, `updated`, `deleted`.
        records: Counter["record", "operation"] = "data_records_processed_total",
    }
}

/// Counts what means the same in every domain. It is declared here, once: a domain makes one of the receiver of its
/// server and declares nothing.
///
/// ```
/// use std::sync::Arc;
/// use palisade_telemetry::metrics::{Common, Off, Operation, Outcome, Telemetry};
///
/// let telemetry: Arc<dyn Telemetry> = Arc::new(Off); // in a server: `foundation.telemetry()`
/// let common = Common::new(&telemetry);
/// common.acted("add_quote", Outcome::Success);
/// common.used("random_quote");
/// common.processed("quote", Operation::Created, 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Common(Metrics);

/// How something ended that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not, by the caller's doing.
    Refused,
    /// It was not, by ours.
    Error,
}

/// What became of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// They were read.
    Read,
    /// They are new.
    Created,
    /// They were changed.
    Updated,
    /// They are gone.
    Deleted,
}

impl Common {
    /// The metrics, as the server declares them for all domains.
    pub const DECLARED: &'static [Declaration] = Metrics::DECLARED;

    /// Counts into `telemetry`.
    #[must_use]
    pub fn new(telemetry: &Arc<dyn Telemetry>) -> Self {
        Self(Metrics::new(telemetry))
    }

    /// Somebody asked for `action`: `user_actions_total`.
    pub fn acted(&self, action: &'static str, outcome: Outcome) {
        self.0.actions.with([action, outcome.name()]).increment();
    }

    /// Somebody used `feature`: `feature_usage_total`.
    pub fn used(&self, feature: &'static str) {
        self.0.features.with([feature]).increment();
    }

    /// So many records of a kind were read or written: `data_records_processed_total`.
    pub fn processed(&self, record: &'static str, operation: Operation, count: u64) {
        self.0.records.with([record, operation.name()]).add(count);
    }
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Error => "error",
        }
    }
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}
