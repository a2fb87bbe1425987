//! What is measured of users.

use palisade_telemetry::metrics::{Operation, Outcome};

use crate::{ListUsers, Result, User, Users};

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
    const fn operation(self) -> Operation {
        match self {
            Self::Register | Self::Create => Operation::Created,
            Self::Read | Self::List => Operation::Read,
            Self::Update => Operation::Updated,
            Self::Delete => Operation::Deleted,
        }
    }
}

impl Users {
    /// Does `work`, which is `action`, and measures how it ends.
    pub(crate) async fn acting<T>(&self, action: Action, work: impl Future<Output = Result<T>>) -> Result<T> {
        let result = work.await;
        let outcome = match &result {
            Ok(_) => Outcome::Success,
            Err(error) if error.is_fault() => Outcome::Error,
            Err(_) => Outcome::Refused,
        };
        let counted = &self.1;
        counted.acted(action.name(), outcome);
        // A list tells how many.
        if result.is_ok() && !matches!(action, Action::List) {
            counted.processed("user", action.operation(), 1);
        }
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
            self.1.used(feature);
        }
    }

    /// Measures what a list gave.
    pub(crate) fn listed(&self, users: &[User]) {
        let count = users.len().try_into().unwrap_or(u64::MAX);
        self.1.processed("user", Operation::Read, count);
    }
}
