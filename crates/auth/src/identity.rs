//! What this crate must know of a user.

use std::collections::BTreeSet;

use async_trait::async_trait;
use palisade_core::{Result, Role, UserId};
use palisade_events::UnitOfWork;

use crate::PasswordHash;

/// A user, as far as signing in goes.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who it is.
    pub user_id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The address to sign in with.
    pub email: String,
    /// The full name, which a password must not consist of either.
    pub name: Option<String>,
    /// The roles as they are now.
    pub roles: BTreeSet<Role>,
    /// Whether the user may sign in and act.
    pub active: bool,
    /// `None` for a user who cannot sign in by password.
    pub password_hash: Option<PasswordHash>,
}

/// Where users are kept. Whatever keeps them implements this. What is written with a unit of work happens at its commit.
#[async_trait]
pub trait Identities: Send + Sync + 'static {
    /// The user of that id.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, user_id: UserId) -> Result<Option<Identity>>;

    /// The user who signs in with `login`, an e-mail address or a username. It is outside text, at most
    /// 320 bytes long; what cannot be either is answered `None`, not an error.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_login(&self, login: &str) -> Result<Option<Identity>>;

    /// Stores a new hash of the user's password.
    ///
    /// # Errors
    /// When the store fails.
    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        hash: PasswordHash,
    ) -> Result<()>;

    /// Stores `new` if the present hash is still `old`, in one step; says whether it was. A change of password
    /// and a rehash at sign-in may meet; the one that verified an older hash must lose.
    ///
    /// # Errors
    /// When the store fails.
    async fn replace_password_hash(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<bool>;
}
