//! Sessions in SQLite, PostgreSQL or MySQL.

mod rotate;
mod statements;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_core::{Id, Result, SessionId, UserId};
use palisade_database::{Database, Error, Migrations, Row};
use palisade_events::UnitOfWork;

use super::{PURGE_LIMIT, Rotate, Rotation, SessionStore};
use crate::{ClientInfo, NewSession, RefreshToken, Session};

/// The tables of this crate.
pub static MIGRATIONS: Migrations =
    palisade_database::migrations!("auth"; 20261120000200, "create_auth_sessions");

/// Keeps sessions in the tables `auth_sessions` and `auth_refresh_tokens`.
#[derive(Debug, Clone)]
pub struct SqlSessionStore {
    database: Database,
}

impl SqlSessionStore {
    /// A store in a database to which [`MIGRATIONS`] have been applied.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn open(&self, new: &NewSession) -> Result<(), Error> {
        let mut transaction = self.database.begin().await?;
        transaction.execute(&statements::insert_session(&new.session, &new.family)).await?;
        let (id, expires_at) = (new.session.id, new.session.expires_at);
        transaction.execute(&statements::insert_token(new.token, id, expires_at)).await?;
        transaction.commit().await
    }

    async fn purge_tokens(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let rows = self.database.fetch_all(&statements::expired_tokens(now, PURGE_LIMIT)).await?;
        let hashes: Vec<Vec<u8>> = rows.iter().map(|row| row.get("token_hash")).collect::<Result<_, _>>()?;
        match hashes.is_empty() {
            true => Ok(0),
            false => self.database.execute(&statements::delete_tokens(hashes)).await,
        }
    }

    async fn purge_sessions(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let rows = self.database.fetch_all(&statements::expired_sessions(now, PURGE_LIMIT)).await?;
        let ids: Vec<SessionId> = rows.iter().map(|row| read_id(row, "id")).collect::<Result<_, _>>()?;
        match ids.is_empty() {
            true => Ok(0),
            false => self.database.execute(&statements::delete_sessions(&ids, now)).await,
        }
    }
}

#[async_trait]
impl SessionStore for SqlSessionStore {
    async fn now(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(self.database.now().await?)
    }

    async fn open(&self, new: NewSession) -> Result<()> {
        Ok(self.open(&new).await?)
    }

    async fn rotate(&self, token: &RefreshToken, circumstances: Rotate) -> Result<Rotation> {
        Ok(rotate::rotate(&self.database, token, circumstances).await?)
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>> {
        let row = self.database.fetch_optional(&statements::session(id)).await?;
        Ok(row.as_ref().map(read_session).transpose()?)
    }

    async fn list(&self, user_id: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        let rows = self.database.fetch_all(&statements::live_sessions(user_id, now)).await?;
        Ok(rows.iter().map(read_session).collect::<Result<_, _>>()?)
    }

    async fn revoke(&self, user_id: UserId, id: SessionId, now: DateTime<Utc>) -> Result<bool> {
        Ok(self.database.execute(&statements::revoke(user_id, Some(id), None, now)).await? > 0)
    }

    /// The ids are read first; a session opened between the two statements is ended too and not returned.
    async fn revoke_all(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        except: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let transaction = unit.sql(&self.database).await?;
        let rows = transaction.fetch_all(&statements::live_session_ids(user_id, except, now)).await?;
        transaction.execute(&statements::revoke(user_id, None, except, now)).await?;
        Ok(rows.iter().map(|row| read_id(row, "id")).collect::<Result<_, _>>()?)
    }

    async fn count_live(&self, now: DateTime<Utc>) -> Result<u64> {
        let row = self.database.fetch_optional(&statements::count_live(now)).await?;
        let count: Option<i64> = row.map(|row| row.get("live")).transpose()?;
        Ok(count.and_then(|count| count.try_into().ok()).unwrap_or_default())
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        Ok(self.purge_tokens(now).await? + self.purge_sessions(now).await?)
    }
}

fn read_id<Of>(row: &Row, column: &str) -> Result<Id<Of>, Error> {
    Ok(Id::from_uuid(row.get(column)?))
}

fn read_session(row: &Row) -> Result<Session, Error> {
    let ip: Option<String> = row.get("ip")?;
    Ok(Session {
        id: read_id(row, "id")?,
        user_id: read_id(row, "user_id")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        client: ClientInfo { user_agent: row.get("user_agent")?, ip: ip.and_then(|text| text.parse().ok()) },
    })
}
