//! What is measured of users.

use std::sync::Arc;

use palisade_telemetry::metrics::{Declaration, Telemetry};

use crate::{ListUsers, Result, User, Users};

palisade_telemetry::metrics! {
    /// What is measured of users.
    pub(crate) struct Metrics {
        /// What was asked for: `register`, `create`, `read`, `list`, `update`, `delete`; by outcome: `success`, `refused`
        /// (the caller's doing), `error` (ours).
        actions: Counter["action", "outcome"] = "user_actions_total",
        /// Options of lists that were used: `search`, `filter`, `sort`, `cursor`.
        features: Counter["feature"] = "feature_usage_total",
        /// Records that were read or written: `read`, `created`, `updated`, `deleted`.
        records: Counter["record", "operation"] = "data_records_processed_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// What somebody does to users.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Register,
    Create,
    Read,
    List,
    Update,
    Delete,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Create => "create",
            Self::Read => "read",
            Self::List => "list",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// What becomes of the record.
    const fn operation(self) -> &'static str {
        match self {
            Self::Register | Self::Create => "created",
            Self::Read | Self::List => "read",
            Self::Update => "updated",
            Self::Delete => "deleted",
        }
    }
}

impl Users {
    /// Has what is done to users measured from now on.
    pub fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        self.1.attach(Metrics::new(telemetry));
    }

    /// Does `work`, which is `action`, and measures how it ends.
    pub(crate) async fn acting<T>(&self, action: Action, work: impl Future<Output = Result<T>>) -> Result<T> {
        let result = work.await;
        self.1.get().acted(action, &result);
        result
    }

    /// Measures what a list is asked for.
    pub(crate) fn asked_to_list(&self, asked: &ListUsers) {
        let used = [
            ("search", asked.q.is_some()),
            ("filter", asked.role.is_some() || asked.status.is_some()),
            ("sort", asked.sort.is_some()),
            ("cursor", asked.cursor.is_some()),
        ];
        for (feature, _) in used.into_iter().filter(|(_, used)| *used) {
            self.1.get().features.with([feature]).increment();
        }
    }

    /// Measures what a list gave.
    pub(crate) fn listed(&self, users: &[User]) {
        let count = users.len().try_into().unwrap_or(u64::MAX);
        self.1.get().records.with(["user", "read"]).add(count);
    }
}

impl Metrics {
    fn acted<T>(&self, action: Action, result: &Result<T>) {
        let outcome = match result {
            Ok(_) => "success",
            Err(error) if error.is_fault() => "error",
            Err(_) => "refused",
        };
        self.actions.with([action.name(), outcome]).increment();
        // A list tells how many.
        if result.is_ok() && !matches!(action, Action::List) {
            self.records.with(["user", action.operation()]).increment();
        }
    }
}
