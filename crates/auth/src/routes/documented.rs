//! What the API document says of the texts that prove who is calling.

use palisade_core::prefix::REFRESH_TOKEN as PREFIX;
use utoipa::openapi::{OpenApi, RefOr, Schema};

use crate::{
    password::{MAX_LENGTH, MIN_LENGTH},
    refresh::ENCODED_LENGTH,
    service::MAX_LOGIN_BYTES,
    token::MAX_BYTES,
};

/// No text of a request may hold NUL.
const TEXT: &str = r"^[^\x00]*$";

/// The schema of a password to be.
#[derive(Debug)]
pub enum NewPassword {}

/// The schema of a password that somebody shows.
pub(super) enum ShownPassword {}

/// The schema of what somebody signs in with.
pub(super) enum LoginName {}

/// The schema of a refresh token.
pub(super) enum RefreshTokenText {}

/// The schema of an access token.
pub(super) enum AccessToken {}

palisade_core::text_schema! {
    NewPassword as "NewPassword", MIN_LENGTH..=MAX_LENGTH, TEXT,
    "A password to be: hard to guess, without the user's name or e-mail address.",
    "nine brown otters sail", format "password",
}
palisade_core::text_schema! {
    ShownPassword as "Password", 0..=MAX_LENGTH, TEXT, "A password.",
    "seven green herons wade", format "password",
}
palisade_core::text_schema! {
    LoginName as "LoginName", 0..=MAX_LOGIN_BYTES, TEXT, "An e-mail address or a username.", "ann_lee",
}
palisade_core::text_schema! {
    RefreshTokenText as "RefreshToken", PREFIX.len() + ENCODED_LENGTH..=PREFIX.len() + ENCODED_LENGTH,
    format!("^{PREFIX}[A-Za-z0-9_-]{{{ENCODED_LENGTH}}}$"),
    "A refresh token. It is good for one exchange.",
    format!("{PREFIX}{}", "A".repeat(ENCODED_LENGTH)), format "password",
}
palisade_core::text_schema! {
    AccessToken as "AccessToken", 0..=MAX_BYTES, r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    "A JWT that proves who is calling (RFC 9068).", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
}

/// Says in the document how long a new password must be at least, which the settings may raise.
pub fn document_password_length(openapi: &mut OpenApi, least: u8) {
    let schemas = openapi.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(schema))) = schemas.and_then(|schemas| schemas.get_mut("NewPassword"))
    {
        schema.min_length = Some(usize::from(least).clamp(MIN_LENGTH, MAX_LENGTH));
    }
}
