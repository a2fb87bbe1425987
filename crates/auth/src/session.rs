//! Sessions: one sign-in on one device.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use palisade_core::{SessionId, UserId};

use crate::{FamilyKey, TokenHash};

/// The longest description of a client that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Where a sign-in came from, as its owner sees it in the list of sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// What the client says it is: at most 256 characters, none of them a control character.
    pub user_agent: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
}

impl ClientInfo {
    /// What is kept of a client that says it is `user_agent` and calls from `ip`.
    #[must_use]
    pub fn new(user_agent: Option<&str>, ip: Option<IpAddr>) -> Self {
        let clean = |text: &str| -> String {
            text.chars().filter(|character| !character.is_control()).take(MAX_USER_AGENT).collect()
        };
        Self { user_agent: user_agent.map(clean).filter(|text| !text.is_empty()), ip }
    }
}

/// One sign-in on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
    /// When it was ended before its time.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Where it was begun.
    pub client: ClientInfo,
}

impl Session {
    /// Whether it can be used at the moment `now`.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A session to be opened, with what its refresh tokens descend from.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// The key of its refresh tokens.
    pub family: FamilyKey,
    /// The hash of its first refresh token.
    pub token: TokenHash,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_description_is_bounded_and_clean() {
        let info = ClientInfo::new(Some(&format!("a\r\n\u{1b}[31m{}", "é".repeat(300))), None);
        let kept = info.user_agent.unwrap();
        assert_eq!(kept.chars().count(), 256);
        assert!(kept.starts_with("a[31mé"), "{kept}");
        assert_eq!(ClientInfo::new(Some("\0"), None).user_agent, None);
    }
}
