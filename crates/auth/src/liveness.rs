//! Whether the session behind a token still lives, and what its user may do now.
//!
//! Asking the database at each request would double its load; asking it never would let a revoked token work
//! until it expires. So reads take an answer that is at most one second old. One question is asked at a time about
//! each session, and what this process revokes it forgets at once. Writes always ask.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use palisade_core::{Clock, Principal, Result, Role, SessionId, Subject, UserId, clock::after};
use quick_cache::sync::Cache;

use crate::{Identities, Permissions, SessionStore};

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
    /// How often rights were changed here. An answer from before the last change counts for nothing.
    changes: AtomicU64,
}

/// What was found when it was looked up; `caller` is `None` for a session that has ended.
#[derive(Clone)]
struct Answer {
    asked_at: DateTime<Utc>,
    /// [`Liveness::changes`] when it was asked for.
    changes: u64,
    caller: Option<Arc<Principal>>,
}

/// How late an answer must have been asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Within the last second.
    Recent,
    /// After the question: for whoever changes something.
    Now,
}

impl Answer {
    fn is(&self, other: &Self) -> bool {
        (self.asked_at, self.changes) == (other.asked_at, other.changes)
    }
}

impl Liveness {
    pub(crate) fn new(
        sessions: Arc<dyn SessionStore>,
        identities: Arc<dyn Identities>,
        permissions: Permissions,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            sessions,
            identities,
            permissions,
            clock,
            answers: Cache::new(CAPACITY),
            changes: AtomicU64::new(0),
        }
    }

    /// The caller behind a user's session, `None` when the session has ended or the user may not act.
    ///
    /// # Errors
    /// When a store fails: a lost database is no reason to call a token invalid.
    pub(crate) async fn caller(
        &self,
        user_id: UserId,
        id: SessionId,
        freshness: Freshness,
    ) -> Result<Option<Principal>> {
        let now = self.clock.now();
        let known = match freshness {
            Freshness::Recent => self.answers.get(&id).filter(|answer| self.is_fresh(answer, now)),
            Freshness::Now => None,
        };
        let answer = match known {
            Some(answer) => answer,
            // In a box of its own, so that nearly all requests do not carry its size.
            None => Box::pin(self.asked(id, now, freshness)).await?,
        };
        let caller = answer.caller.filter(|caller| caller.is_user(user_id));
        Ok(caller.map(Arc::unwrap_or_clone))
    }

    /// What someone with these roles may do.
    pub(crate) fn permissions_of(&self, roles: &BTreeSet<Role>) -> BTreeSet<String> {
        self.permissions.of(roles)
    }

    /// Forgets what is known of a session. A question that is under way is not remembered either.
    pub(crate) fn forget(&self, id: SessionId) {
        self.answers.remove(&id);
    }

    /// Forgets what is known of every session, and what is being asked: what somebody may do has changed.
    pub(crate) fn forget_all(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    async fn asked(&self, id: SessionId, now: DateTime<Utc>, freshness: Freshness) -> Result<Answer> {
        if freshness == Freshness::Now {
            return self.ask(id).await;
        }
        loop {
            let answer = self.answers.get_or_insert_async(&id, self.ask(id)).await?;
            // Whoever waited for another's question may get an answer that was asked for long before.
            if self.is_fresh(&answer, now) || (answer.asked_at >= now && self.is_of_now(&answer)) {
                return Ok(answer);
            }
            self.answers.remove_if(&id, |present| present.is(&answer));
        }
    }

    /// Whether it was asked for late enough to be given to someone who asks at `now`. A clock that was set back makes it
    /// useless too.
    fn is_fresh(&self, answer: &Answer, now: DateTime<Utc>) -> bool {
        answer.asked_at <= now && now < after(answer.asked_at, MAX_AGE) && self.is_of_now(answer)
    }

    /// Whether no rights were changed here since it was asked for.
    fn is_of_now(&self, answer: &Answer) -> bool {
        answer.changes == self.changes.load(Ordering::Acquire)
    }

    async fn ask(&self, id: SessionId) -> Result<Answer> {
        let changes = self.changes.load(Ordering::Acquire);
        let asked_at = self.clock.now();
        let caller = self.look_up(id, asked_at).await?.map(Arc::new);
        Ok(Answer { asked_at, changes, caller })
    }

    async fn look_up(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Principal>> {
        let Some(session) = self.sessions.find(id).await?.filter(|session| session.is_live(now)) else {
            return Ok(None);
        };
        let identity = self.identities.find(session.user_id).await?;
        let Some(identity) = identity.filter(|identity| identity.active) else { return Ok(None) };
        Ok(Some(Principal {
            subject: Subject::User(identity.user_id),
            session_id: Some(id),
            permissions: self.permissions.of(&identity.roles).into(),
            roles: identity.roles.into(),
        }))
    }
}
