//! Where sessions are kept.

mod memory;
#[cfg(feature = "sql")]
mod sql;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_core::{Result, SessionId, UserId};
use palisade_events::UnitOfWork;

pub use memory::MemorySessionStore;
#[cfg(feature = "sql")]
pub use sql::{MIGRATIONS, SqlSessionStore};

use crate::{NewSession, RefreshToken, Session};

/// The most sessions in a list.
pub(crate) const LIST_LIMIT: usize = 100;

/// How many expired tokens, and how many expired sessions, one purge removes at most. A sign-in or refresh
/// adds one of each at most, so purging at each keeps up.
pub(crate) const PURGE_LIMIT: usize = 100;

/// Keeps sessions and the hashes of their refresh tokens. Each implementation passes the suite in
/// `conformance` (feature `testing`). Time is a parameter of each call; a store reads no clock.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// The time by the one clock that all processes on this store share; `None` where there is none but their own. The age of
    /// a used refresh token is told by it: by the clocks of two processes, honest clients would look like thieves, and
    /// thieves like honest clients.
    ///
    /// # Errors
    /// When the store fails.
    async fn now(&self) -> Result<Option<DateTime<Utc>>>;

    /// Keeps a new session and its first refresh token.
    ///
    /// # Errors
    /// When the store fails.
    async fn open(&self, new: NewSession) -> Result<()>;

    /// Uses a refresh token. Of any number of parallel users of one token, on any number of processes,
    /// one inserts its child and all get that same child.
    ///
    /// # Errors
    /// When the store fails.
    async fn rotate(&self, token: &RefreshToken, rotate: Rotate) -> Result<Rotation>;

    /// The session of that id, be it live, revoked or expired.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, id: SessionId) -> Result<Option<Session>>;

    /// The user's live sessions, the most recently used first, at most 100.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, user_id: UserId, now: DateTime<Utc>) -> Result<Vec<Session>>;

    /// Ends one session; says whether the user had such a live one.
    ///
    /// # Errors
    /// When the store fails.
    async fn revoke(&self, user_id: UserId, id: SessionId, now: DateTime<Utc>) -> Result<bool>;

    /// Ends the user's sessions except, where given, one; returns the ids of those that were live. It happens at the commit
    /// of `unit`.
    ///
    /// # Errors
    /// When the store fails.
    async fn revoke_all(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        except: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>>;

    /// How many sessions are alive, everybody's together.
    ///
    /// # Errors
    /// When the store fails.
    async fn count_live(&self, now: DateTime<Utc>) -> Result<u64>;

    /// Removes some tokens and sessions that expired, at most 100 of each; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64>;
}

/// The circumstances of a refresh.
#[derive(Debug, Clone, Copy)]
pub struct Rotate {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When the child, and with it the session, expires.
    pub expires_at: DateTime<Utc>,
    /// How long after its use a token still gives the same child.
    pub grace: Duration,
}

impl Rotate {
    /// Whether a token used at `used_at` still gives its child. A use in the future, which a clock that was set back makes,
    /// is as far away as one in the past.
    #[must_use]
    pub fn within_grace(&self, used_at: DateTime<Utc>) -> bool {
        let age = self.now.signed_duration_since(used_at).abs();
        age.to_std().is_ok_and(|age| age <= self.grace)
    }
}

/// What came of using a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The token was good; `child` replaces it.
    Rotated {
        /// Whose session.
        user_id: UserId,
        /// The session.
        session_id: SessionId,
        /// The next refresh token.
        child: RefreshToken,
    },
    /// The token was used before, longer ago than the grace: someone else holds a copy. The session has
    /// been revoked.
    Reused {
        /// Whose session.
        user_id: UserId,
        /// The session.
        session_id: SessionId,
    },
    /// There is no such token, or its session has ended.
    Invalid,
}
