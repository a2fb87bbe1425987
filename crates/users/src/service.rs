//! The rules about users.

mod add;
mod change;
mod permission;
mod read;

use std::sync::Arc;

use palisade_auth::{Auth, Passwords};
use palisade_core::{Clock, Ids};
use palisade_events::{Contention as _, UnitOfWork, Units};

use palisade_telemetry::metrics::{Common, Telemetry};

use crate::{Result, UserCache, UserStore, error};
pub use permission::{READ, WRITE};
pub use read::Found;

/// What [`Users`] is made of.
pub struct UsersParts {
    /// Where users are kept.
    pub store: Arc<dyn UserStore>,
    /// Which of them are kept at hand.
    pub cache: UserCache,
    /// Ends the sessions of who is disabled or deleted.
    pub auth: Auth,
    /// Judges and hashes new passwords.
    pub passwords: Passwords,
    /// Who may sign up.
    pub registration: Registration,
    /// Opens units of work.
    pub units: Units,
    /// Makes the ids of new users.
    pub ids: Ids,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What measures what is done to users.
    pub telemetry: Arc<dyn Telemetry>,
}

/// Who may sign up at `POST /auth/register`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anyone.
    Open,
    /// Nobody; administrators add users.
    Closed,
}

/// Adds, shows, changes and removes users by the rules of this crate. Clones share everything.
///
/// Methods that take a caller hold what that caller may do; the others are for the program itself.
#[derive(Clone)]
pub struct Users(Arc<UsersParts>, pub(crate) Common);

impl Users {
    /// The service, made of its parts.
    #[must_use]
    pub fn new(parts: UsersParts) -> Self {
        let counted = Common::new(&parts.telemetry);
        Self(Arc::new(parts), counted)
    }

    /// Runs a unit of work, and once more for each time that another one was in its way.
    async fn in_turn<T, F>(&self, attempt: impl Fn(UnitOfWork) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let outcome = self.0.units.run(attempt).await;
        outcome.map_err(|error| if error.is_contention() { error::busy(error) } else { error })
    }
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users").field("registration", &self.0.registration).finish_non_exhaustive()
    }
}
