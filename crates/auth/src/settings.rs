//! The settings of the section `auth`.

use std::time::Duration;

use palisade_core::{
    Secret,
    secret::{WeakSecret, check},
};
use serde::{Deserialize, Serialize};

/// How people sign in and how long that lasts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The secret that signs access tokens, at least 32 bytes of randomness. In local and test one is made
    /// once and kept in the data directory; in staging and production it is required, and must not be a
    /// text from an example. Changing it ends every access token; refresh tokens stay.
    #[cfg_attr(feature = "settings", schemars(extend(
        "x-env-aliases" = ["SECRET_KEY", "SECURITY_JWT_SECRET", "JWT_SECRET"],
        "x-default-by-environment" = "in local and test made once and kept in the data directory, else required"
    )))]
    pub jwt_secret: Option<Secret>,
    /// The algorithm of new access tokens.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [{"name": "SECURITY_JWT_ALGORITHM", "ignore_invalid": true}])))]
    pub jwt_algorithm: SigningAlgorithm,
    /// The name in the `iss` claim: who makes the tokens.
    pub jwt_issuer: String,
    /// The name in the `aud` claim: whom the tokens are for.
    pub jwt_audience: String,
    /// How long an access token is taken, in seconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 86_400), extend("x-env-aliases" = [
        {"name": "SECURITY_JWT_EXPIRY_MINUTES", "unit": "minutes"},
        {"name": "ACCESS_TOKEN_EXPIRE_MINUTES", "unit": "minutes", "ignore_invalid": true}
    ])))]
    pub access_token_ttl_seconds: u32,
    /// How long a session lasts without being used, in seconds: each refresh starts it anew.
    #[cfg_attr(feature = "settings", schemars(range(min = 60, max = 31_536_000), extend("x-env-aliases" = [
        {"name": "REFRESH_TOKEN_EXPIRE_DAYS", "unit": "days", "ignore_invalid": true}
    ])))]
    pub refresh_token_ttl_seconds: u32,
    /// The fewest characters (Unicode code points) of a new password. The most is 128.
    #[cfg_attr(feature = "settings", schemars(range(min = 8, max = 64)))]
    pub password_min_length: u8,
    /// How many sign-ins, and how many new passwords, may wait to be hashed; one more is answered 503 with
    /// `Retry-After`. Sign-ins are served first.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 10_000)))]
    pub hash_queue_limit: u16,
    /// Whether anyone may sign up at `POST /api/v1/auth/register`.
    pub registration_enabled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            jwt_algorithm: SigningAlgorithm::default(),
            jwt_issuer: "palisade".to_owned(),
            jwt_audience: "palisade".to_owned(),
            access_token_ttl_seconds: 900,
            refresh_token_ttl_seconds: 2_592_000,
            password_min_length: 8,
            hash_queue_limit: 128,
            registration_enabled: true,
        }
    }
}

impl Settings {
    /// How long an access token is taken.
    #[must_use]
    pub fn access_token_ttl(&self) -> Duration {
        Duration::from_secs(self.access_token_ttl_seconds.into())
    }

    /// How long a session lasts without being used.
    #[must_use]
    pub fn refresh_token_ttl(&self) -> Duration {
        Duration::from_secs(self.refresh_token_ttl_seconds.into())
    }

    /// Why the configured secret is not fit for production, `None` when it is fit or none is configured.
    #[must_use]
    pub fn secret_weakness(&self) -> Option<WeakSecret> {
        self.jwt_secret.as_ref().and_then(|secret| check(secret).err())
    }
}

/// How new access tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256 under a secret that only this service knows (RFC 7518 §3.2).
    #[default]
    HS256,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_never_shown() {
        let settings = Settings { jwt_secret: Some(Secret::new("hunter2-hunter2")), ..Settings::default() };
        let shown = format!("{settings:?}{}", serde_json::to_string(&settings).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn an_unknown_member_is_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"jwt_secrets": "x"}"#).is_err());
        assert!(serde_json::from_str::<Settings>(r#"{"jwt_algorithm": "none"}"#).is_err());
    }

    #[test]
    fn a_short_secret_is_weak_and_an_absent_one_is_not_judged() {
        let with =
            |secret: Option<&str>| Settings { jwt_secret: secret.map(Secret::new), ..Settings::default() };
        assert!(with(None).secret_weakness().is_none());
        assert!(with(Some("short")).secret_weakness().is_some());
        assert!(with(Some("k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue")).secret_weakness().is_none());
    }
}
