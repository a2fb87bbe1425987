//! Using a refresh token, in one transaction that no race can split.

use chrono::{DateTime, Utc};
use palisade_core::{SessionId, UserId};
use palisade_database::{Database, Error, Row, Transaction};

use super::{read_id, statements};
use crate::{FamilyKey, RefreshToken, Rotate, Rotation};

/// How often a transaction that lost a deadlock is run again.
const ATTEMPTS: u32 = 3;

/// Most answers need no transaction: a guessed token, a session that has ended, an answer fetched again. They
/// are read without one, so that guessing does not occupy the one writer of SQLite.
pub(super) async fn rotate(
    database: &Database,
    token: &RefreshToken,
    circumstances: Rotate,
) -> Result<Rotation, Error> {
    let row = database.fetch_optional(&statements::family_of(token.hash())).await?;
    let family = row.as_ref().map(Family::read).transpose()?;
    let Some(family) = family.filter(|family| family.is_live(circumstances.now)) else {
        return Ok(Rotation::Invalid);
    };
    if family.used_at.is_some_and(|used_at| circumstances.within_grace(used_at)) {
        let child = token.child(&family.key);
        return Ok(family.rotated(child));
    }
    let mut attempt = 1;
    loop {
        match try_rotate(database, token, circumstances).await {
            Err(Error::Contention { .. }) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

/// The first statement decides the race: it marks the token as used, and only one user of it can. The others
/// wait for the row, find it marked, and read what the winner committed. It must come before any read: a
/// read would fix MySQL's snapshot at a moment before the winner's commit.
async fn try_rotate(
    database: &Database,
    token: &RefreshToken,
    circumstances: Rotate,
) -> Result<Rotation, Error> {
    let mut transaction = database.begin().await?;
    let won = transaction.execute(&statements::use_token(token.hash(), circumstances.now)).await? > 0;
    let row = transaction.fetch_optional(&statements::family_of(token.hash())).await?;
    let family = row.as_ref().map(Family::read).transpose()?;
    let live = family.filter(|family| family.is_live(circumstances.now));
    let (outcome, changed) = match live {
        None => (Rotation::Invalid, false),
        Some(family) if won => prolong(&mut transaction, token, family, circumstances).await?,
        Some(family) => look_again(&mut transaction, token, family, circumstances).await?,
    };
    if changed {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    Ok(outcome)
}

/// The winner's part: prolongs the session and inserts the child. The session's row is locked before the
/// child points to it: locking it afterwards, two refreshes of one session would wait for each other.
async fn prolong(
    transaction: &mut Transaction,
    token: &RefreshToken,
    family: Family,
    Rotate { now, expires_at, .. }: Rotate,
) -> Result<(Rotation, bool), Error> {
    if transaction.execute(&statements::prolong(family.session_id, now, expires_at)).await? == 0 {
        return Ok((Rotation::Invalid, false));
    }
    let child = token.child(&family.key);
    transaction.execute(&statements::insert_token(child.hash(), family.session_id, expires_at)).await?;
    Ok((family.rotated(child), true))
}

/// The part of everyone who finds the token used: the same child within the grace, the end of the session
/// after it.
async fn look_again(
    transaction: &mut Transaction,
    token: &RefreshToken,
    family: Family,
    circumstances: Rotate,
) -> Result<(Rotation, bool), Error> {
    match family.used_at {
        None => Ok((Rotation::Invalid, false)),
        Some(used_at) if circumstances.within_grace(used_at) => {
            let child = token.child(&family.key);
            Ok((family.rotated(child), false))
        }
        Some(_) => {
            let (user_id, session_id) = (family.user_id, family.session_id);
            let end = statements::revoke(user_id, Some(session_id), None, circumstances.now);
            match transaction.execute(&end).await? {
                0 => Ok((Rotation::Invalid, false)),
                _ => Ok((Rotation::Reused { user_id, session_id }, true)),
            }
        }
    }
}

/// A token's session, and when the token was used.
struct Family {
    session_id: SessionId,
    user_id: UserId,
    key: FamilyKey,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
}

impl Family {
    fn read(row: &Row) -> Result<Self, Error> {
        let key: Vec<u8> = row.get("family_key")?;
        let key = FamilyKey::from_bytes(&key).ok_or_else(|| Error::Decode {
            column: "family_key".into(),
            problem: "has not 32 bytes".into(),
        })?;
        Ok(Self {
            session_id: read_id(row, "id")?,
            user_id: read_id(row, "user_id")?,
            key,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
            used_at: row.get("used_at")?,
        })
    }

    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    fn rotated(&self, child: RefreshToken) -> Rotation {
        Rotation::Rotated { user_id: self.user_id, session_id: self.session_id, child }
    }
}
