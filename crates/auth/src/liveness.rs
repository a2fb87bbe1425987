//! Whether the session behind a token still lives, and what its user may do now.
//!
//! Asking the database at each request would double its load; asking it never would let a revoked token work
//! until it expires. So an answer is kept for at most one second, one question is asked at a time about each
//! session, and what this process revokes it forgets at once.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use palisade_core::{Clock, Principal, Result, SessionId, UserId};
use quick_cache::sync::Cache;

use crate::{Identities, Permissions, SessionStore, session::after};

/// How long an answer is good: the time within which a revocation takes effect on every process.
const MAX_AGE: Duration = Duration::from_secs(1);

/// How many sessions are remembered: about 4 MB when full, far more than are active within a second.
const CAPACITY: usize = 10_000;

/// Answers for live sessions.
pub(crate) struct Liveness {
    sessions: Arc<dyn SessionStore>,
    identities: Arc<dyn Identities>,
    permissions: Permissions,
    clock: Arc<dyn Clock>,
    answers: Cache<SessionId, Answer>,
}

/// What was found when it was looked up; `caller` is `None` for a session that has ended.
#[derive(Clone)]
struct Answer {
    asked_at: DateTime<Utc>,
    caller: Option<Arc<Principal>>,
}

impl Answer {
    /// Whether it was asked for late enough to be given to someone who asks at `now`. A clock that was set
    /// back makes it useless too.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.asked_at <= now && now < after(self.asked_at, MAX_AGE)
    }
}

impl Liveness {
    pub(crate) fn new(
        sessions: Arc<dyn SessionStore>,
        identities: Arc<dyn Identities>,
        permissions: Permissions,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sessions, identities, permissions, clock, answers: Cache::new(CAPACITY) }
    }

    /// The caller behind a user's session, `None` when the session has ended or the user may not act.
    ///
    /// # Errors
    /// When a store fails: a lost database is no reason to call a token invalid.
    pub(crate) async fn caller(&self, user_id: UserId, id: SessionId) -> Result<Option<Principal>> {
        let now = self.clock.now();
        let answer = match self.answers.get(&id).filter(|answer| answer.is_fresh(now)) {
            Some(answer) => answer,
            // In a box of its own, so that nearly all requests do not carry its size.
            None => Box::pin(self.asked(id, now)).await?,
        };
        let caller = answer.caller.filter(|caller| caller.user_id == user_id);
        Ok(caller.map(Arc::unwrap_or_clone))
    }

    /// An answer that is fresh at `now`, or was asked for later.
    async fn asked(&self, id: SessionId, now: DateTime<Utc>) -> Result<Answer> {
        loop {
            let answer = self.answers.get_or_insert_async(&id, self.ask(id)).await?;
            // Whoever waited for another's question may get an answer that was asked for long before.
            if answer.asked_at >= now || answer.is_fresh(now) {
                return Ok(answer);
            }
            self.answers.remove_if(&id, |present| present.asked_at == answer.asked_at);
        }
    }

    /// Forgets what is known of a session. A question that is under way is not remembered either.
    pub(crate) fn forget(&self, id: SessionId) {
        self.answers.remove(&id);
    }

    async fn ask(&self, id: SessionId) -> Result<Answer> {
        let asked_at = self.clock.now();
        let caller = self.look_up(id, asked_at).await?.map(Arc::new);
        Ok(Answer { asked_at, caller })
    }

    async fn look_up(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Principal>> {
        let Some(session) = self.sessions.find(id).await?.filter(|session| session.is_live(now)) else {
            return Ok(None);
        };
        let identity = self.identities.find(session.user_id).await?;
        let Some(identity) = identity.filter(|identity| identity.active) else { return Ok(None) };
        Ok(Some(Principal {
            user_id: identity.user_id,
            session_id: id,
            permissions: self.permissions.of(&identity.roles).into(),
            roles: identity.roles.into(),
        }))
    }
}
