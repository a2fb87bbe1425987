//! What is told of sign-ins, tokens, sessions and refusals, for whoever audits them.
//!
//! One thing has one name in all of these events, and in those of `palisade-users`:
//!
//! | field | what |
//! |---|---|
//! | `user_id` | the account that the event is about; absent where none is known |
//! | `by` | who did it, where that may be somebody else than the account |
//! | `session_id` | the session |
//! | `ip` | the client's address, as `http.request` has it under `client_ip` |
//! | `reason` | why something was refused |
//! | `event_id` | the event that the line is about, in lines that may come twice |
//!
//! What a client typed is never told: a login may be a password in the wrong field.

use std::net::IpAddr;

use palisade_core::{SessionId, UserId};
use uuid::Uuid;

use crate::{ClientInfo, TokenError};

/// Why a sign-in failed, for the log alone: the client never learns which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    TooLong,
    UnknownAccount,
    WrongPassword,
    AccountDisabled,
    ChangedMeanwhile,
}

impl LoginFailure {
    const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::UnknownAccount => "unknown_account",
            Self::WrongPassword => "wrong_password",
            Self::AccountDisabled => "account_disabled",
            Self::ChangedMeanwhile => "changed_meanwhile",
        }
    }
}

pub(crate) fn login(user_id: UserId, session_id: SessionId, client: &ClientInfo) {
    tracing::info!(user_id = %user_id, session_id = %session_id, ip = shown(client.ip), "auth.login");
}

pub(crate) fn login_failed(user_id: Option<UserId>, client: &ClientInfo, why: LoginFailure) {
    let user_id = user_id.map(tracing::field::display);
    tracing::info!(user_id, ip = shown(client.ip), reason = why.name(), "auth.login_failed");
}

/// An access token is not taken. One that has run out is everyday: each client meets that each time it waits.
pub(crate) fn token_refused(why: TokenError) {
    match why {
        TokenError::OutOfTime => tracing::debug!(reason = %why, "auth.token_refused"),
        _ => tracing::info!(reason = %why, "auth.token_refused"),
    }
}

/// A token is in order, but its session has ended or its account is disabled.
pub(crate) fn token_revoked(user_id: UserId, session_id: SessionId) {
    tracing::info!(
        user_id = %user_id,
        session_id = %session_id,
        reason = "its session has ended",
        "auth.token_refused"
    );
}

pub(crate) fn refresh_refused(session: Option<(UserId, SessionId)>) {
    let user_id = session.map(|(user_id, _)| tracing::field::display(user_id));
    let session_id = session.map(|(_, session_id)| tracing::field::display(session_id));
    tracing::info!(user_id, session_id, "auth.refresh_refused");
}

pub(crate) fn password_changed(user_id: UserId, event_id: Uuid) {
    tracing::info!(%event_id, %user_id, "auth.password_changed");
}

pub(crate) fn sessions_ended(user_id: UserId, count: usize) {
    tracing::info!(user_id = %user_id, count, "auth.sessions_ended");
}

fn shown(ip: Option<IpAddr>) -> Option<impl tracing::Value> {
    ip.map(tracing::field::display)
}
