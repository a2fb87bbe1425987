//! Sessions in memory, for tests and for one process that may forget.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_core::{Result, SessionId, UserId};
use palisade_events::{MemoryTable, UnitOfWork};

use super::{LIST_LIMIT, PURGE_LIMIT, Rotate, Rotation, SessionStore};
use crate::{FamilyKey, NewSession, RefreshToken, Session, TokenHash};

/// Keeps sessions in this process until it ends.
#[derive(Debug, Default)]
pub struct MemorySessionStore(MemoryTable<Tables>);

#[derive(Debug, Clone, Default)]
struct Tables {
    sessions: HashMap<SessionId, (Session, FamilyKey)>,
    tokens: HashMap<TokenHash, Token>,
}

#[derive(Debug, Clone)]
struct Token {
    session_id: SessionId,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn now(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(None)
    }

    async fn open(&self, new: NewSession) -> Result<()> {
        let NewSession { session, family, token } = new;
        let first = Token { session_id: session.id, expires_at: session.expires_at, used_at: None };
        let open = |tables: &mut Tables| {
            tables.tokens.insert(token, first);
            tables.sessions.insert(session.id, (session, family));
        };
        self.0.change(open).await
    }

    async fn rotate(&self, token: &RefreshToken, rotate: Rotate) -> Result<Rotation> {
        self.0.change(|tables| tables.rotate(token, rotate).unwrap_or(Rotation::Invalid)).await
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>> {
        Ok(self.0.read().sessions.get(&id).map(|(session, _)| session.clone()))
    }

    async fn list(&self, user_id: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        let tables = self.0.read();
        let of_user = tables.sessions.values().map(|(session, _)| session);
        let live = of_user.filter(|session| session.user_id == user_id && session.is_live(now));
        let mut sessions: Vec<_> = live.cloned().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_used_at, session.id)));
        sessions.truncate(LIST_LIMIT);
        Ok(sessions)
    }

    async fn revoke(&self, user_id: UserId, id: SessionId, now: DateTime<Utc>) -> Result<bool> {
        let revoke = |tables: &mut Tables| {
            let session = tables.sessions.get_mut(&id).map(|(session, _)| session);
            let live = session.filter(|session| session.user_id == user_id && session.is_live(now));
            live.map(|session| session.revoked_at = Some(now)).is_some()
        };
        self.0.change(revoke).await
    }

    async fn revoke_all(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        except: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let tables = self.0.write(unit).await?;
        let mut revoked = Vec::new();
        for (session, _) in tables.sessions.values_mut() {
            if session.user_id == user_id && Some(session.id) != except && session.is_live(now) {
                session.revoked_at = Some(now);
                revoked.push(session.id);
            }
        }
        Ok(revoked)
    }

    async fn count_live(&self, now: DateTime<Utc>) -> Result<u64> {
        Ok(self.0.read().sessions.values().filter(|(session, _)| session.is_live(now)).count() as u64)
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        self.0.change(|tables| tables.purge_expired(now)).await
    }
}

impl Tables {
    /// `None` when there is no such token, or its session has ended.
    fn rotate(&mut self, token: &RefreshToken, rotate: Rotate) -> Option<Rotation> {
        let Self { sessions, tokens } = self;
        let parent = tokens.get_mut(&token.hash())?;
        let (session, family) = sessions.get_mut(&parent.session_id)?;
        if !session.is_live(rotate.now) {
            return None;
        }
        let (user_id, session_id) = (session.user_id, session.id);
        match parent.used_at {
            Some(used_at) if !rotate.within_grace(used_at) => {
                session.revoked_at = Some(rotate.now);
                return Some(Rotation::Reused { user_id, session_id });
            }
            Some(_) => {}
            None => {
                parent.used_at = Some(rotate.now);
                (session.last_used_at, session.expires_at) = (rotate.now, rotate.expires_at);
                let child = Token { session_id, expires_at: rotate.expires_at, used_at: None };
                tokens.insert(token.child(family).hash(), child);
            }
        }
        Some(Rotation::Rotated { user_id, session_id, child: token.child(family) })
    }

    fn purge_expired(&mut self, now: DateTime<Utc>) -> u64 {
        let expired = |expires_at: DateTime<Utc>| expires_at <= now;
        let tokens = self.tokens.iter().filter(|(_, token)| expired(token.expires_at));
        let tokens: Vec<_> = tokens.map(|(hash, _)| *hash).take(PURGE_LIMIT).collect();
        let sessions = self.sessions.values().filter(|(session, _)| expired(session.expires_at));
        let sessions: Vec<_> = sessions.map(|(session, _)| session.id).take(PURGE_LIMIT).collect();
        for hash in &tokens {
            self.tokens.remove(hash);
        }
        for id in &sessions {
            self.sessions.remove(id);
        }
        self.tokens.retain(|_, token| !sessions.contains(&token.session_id));
        (tokens.len() + sessions.len()) as u64
    }
}
