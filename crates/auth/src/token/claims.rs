//! What an access token says.

use palisade_core::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The claims of an access token (RFC 9068 §2.2), all required. It names the user and the session and says
/// nothing of roles, which are looked up when it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it begins.
    pub nbf: i64,
    /// When it was made.
    pub iat: i64,
    /// Whose it is.
    pub sub: UserId,
    /// Its own id.
    pub jti: Uuid,
    /// The session it belongs to.
    pub sid: SessionId,
}
