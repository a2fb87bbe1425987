//! The SQL of the session store, one function per statement.

use chrono::{DateTime, Utc};
use palisade_core::{SessionId, UserId};
use sea_query::{
    Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, Order, Query, SelectStatement, UpdateStatement,
};

use crate::{FamilyKey, Session, TokenHash, store::LIST_LIMIT};

const SESSIONS: &str = "auth_sessions";
const TOKENS: &str = "auth_refresh_tokens";
const SESSION_COLUMNS: [&str; 8] =
    ["id", "user_id", "created_at", "last_used_at", "expires_at", "revoked_at", "user_agent", "ip"];

pub(super) fn insert_session(session: &Session, family: &FamilyKey) -> InsertStatement {
    let columns = SESSION_COLUMNS.into_iter().chain(["family_key"]);
    let values: [Expr; 9] = [
        session.id.uuid().into(),
        session.user_id.uuid().into(),
        session.created_at.into(),
        session.last_used_at.into(),
        session.expires_at.into(),
        session.revoked_at.into(),
        session.client.user_agent.clone().into(),
        session.client.ip.map(|ip| ip.to_string()).into(),
        family.as_bytes().to_vec().into(),
    ];
    Query::insert().into_table(SESSIONS).columns(columns).values_panic(values).to_owned()
}

pub(super) fn insert_token(
    token: TokenHash,
    session_id: SessionId,
    expires_at: DateTime<Utc>,
) -> InsertStatement {
    let values: [Expr; 3] = [token.as_bytes().to_vec().into(), session_id.uuid().into(), expires_at.into()];
    let columns = ["token_hash", "session_id", "expires_at"];
    Query::insert().into_table(TOKENS).columns(columns).values_panic(values).to_owned()
}

/// Marks an unused token as used.
pub(super) fn use_token(token: TokenHash, now: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(TOKENS)
        .value("used_at", now)
        .and_where(Expr::col("token_hash").eq(token.as_bytes().to_vec()))
        .and_where(Expr::col("used_at").is_null())
        .to_owned()
}

/// The session a token belongs to, and when the token was used.
pub(super) fn family_of(token: TokenHash) -> SelectStatement {
    let session = ["id", "user_id", "family_key", "expires_at", "revoked_at"];
    Query::select()
        .columns(session.map(|column| (SESSIONS, column)))
        .column((TOKENS, "used_at"))
        .from(TOKENS)
        .inner_join(SESSIONS, Expr::col((SESSIONS, "id")).equals((TOKENS, "session_id")))
        .and_where(Expr::col((TOKENS, "token_hash")).eq(token.as_bytes().to_vec()))
        .to_owned()
}

/// Moves the end of a live session.
pub(super) fn prolong(id: SessionId, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(SESSIONS)
        .values([("last_used_at", now.into()), ("expires_at", expires_at.into())])
        .and_where(Expr::col("id").eq(id.uuid()))
        .cond_where(live(now))
        .to_owned()
}

/// Ends the user's live sessions: `only` one, or all `except` one.
pub(super) fn revoke(
    user_id: UserId,
    only: Option<SessionId>,
    except: Option<SessionId>,
    now: DateTime<Utc>,
) -> UpdateStatement {
    Query::update()
        .table(SESSIONS)
        .value("revoked_at", now)
        .and_where(Expr::col("user_id").eq(user_id.uuid()))
        .and_where_option(only.map(|id| Expr::col("id").eq(id.uuid())))
        .and_where_option(except.map(|id| Expr::col("id").ne(id.uuid())))
        .cond_where(live(now))
        .to_owned()
}

pub(super) fn session(id: SessionId) -> SelectStatement {
    Query::select()
        .columns(SESSION_COLUMNS)
        .from(SESSIONS)
        .and_where(Expr::col("id").eq(id.uuid()))
        .to_owned()
}

pub(super) fn live_sessions(user_id: UserId, now: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .columns(SESSION_COLUMNS)
        .from(SESSIONS)
        .and_where(Expr::col("user_id").eq(user_id.uuid()))
        .cond_where(live(now))
        .order_by("last_used_at", Order::Desc)
        .order_by("id", Order::Desc)
        .limit(LIST_LIMIT as u64)
        .to_owned()
}

pub(super) fn live_session_ids(
    user_id: UserId,
    except: Option<SessionId>,
    now: DateTime<Utc>,
) -> SelectStatement {
    Query::select()
        .column("id")
        .from(SESSIONS)
        .and_where(Expr::col("user_id").eq(user_id.uuid()))
        .and_where_option(except.map(|id| Expr::col("id").ne(id.uuid())))
        .cond_where(live(now))
        .to_owned()
}

pub(super) fn count_live(now: DateTime<Utc>) -> SelectStatement {
    Query::select().expr_as(Expr::col("id").count(), "live").from(SESSIONS).cond_where(live(now)).to_owned()
}

pub(super) fn expired_tokens(now: DateTime<Utc>, limit: usize) -> SelectStatement {
    expired(TOKENS, "token_hash", now, limit)
}

pub(super) fn expired_sessions(now: DateTime<Utc>, limit: usize) -> SelectStatement {
    expired(SESSIONS, "id", now, limit)
}

pub(super) fn delete_tokens(hashes: Vec<Vec<u8>>) -> DeleteStatement {
    Query::delete().from_table(TOKENS).and_where(Expr::col("token_hash").is_in(hashes)).to_owned()
}

/// Removes those of the sessions that are still expired; their tokens go with them.
pub(super) fn delete_sessions(ids: &[SessionId], now: DateTime<Utc>) -> DeleteStatement {
    Query::delete()
        .from_table(SESSIONS)
        .and_where(Expr::col("id").is_in(ids.iter().map(|id| id.uuid())))
        .and_where(Expr::col("expires_at").lte(now))
        .to_owned()
}

fn expired(table: &'static str, key: &'static str, now: DateTime<Utc>, limit: usize) -> SelectStatement {
    Query::select()
        .column(key)
        .from(table)
        .and_where(Expr::col("expires_at").lte(now))
        .limit(limit as u64)
        .to_owned()
}

fn live(now: DateTime<Utc>) -> Cond {
    Cond::all().add(Expr::col("revoked_at").is_null()).add(Expr::col("expires_at").gt(now))
}
