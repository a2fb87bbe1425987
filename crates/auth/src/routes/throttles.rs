//! How often credentials may be tried.
//!
//! A guess must cost time (OWASP ASVS 5.0 V6.3.1), while an office behind one address must get in on Monday morning:
//! people stay signed in for weeks, so ten at once and a hundred an hour is plenty for many, and little for a list
//! of stolen passwords. No span of a minute or an hour ever holds more than these numbers.

use palisade_http::rate_limit::{By, Quota, RateLimit, credential_limit};

/// Attempts to sign in from an address, right or wrong, over every route that takes a password.
pub(super) fn login() -> RateLimit {
    credential_limit("login", Quota::per_minute(10)).also(Quota::per_hour(100))
}

/// Renewals from an address. Refresh tokens cannot be guessed; this bounds the work that made-up ones cause.
pub(super) fn refresh() -> RateLimit {
    credential_limit("refresh", Quota::per_minute(60))
}

/// Guesses of the present password by whoever holds an access token.
pub(super) fn password_change() -> RateLimit {
    credential_limit("password-change", Quota::per_minute(5)).also(Quota::per_hour(20)).by(By::User)
}
