//! What the `/auth` routes take and give.

use actix_web::{HttpResponse, http::header};
use chrono::{DateTime, Utc};
use palisade_core::{FieldError, Parse, Secret, SessionId, input::broken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::documented::{AccessToken, LoginName, NewPassword, RefreshTokenText, ShownPassword};
use crate::{Session, Tokens};

/// Who wants to sign in: what JSON and form are read into.
#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "one_login", skip_on_field_errors = false))]
pub(super) struct Credentials {
    email: Option<String>,
    username: Option<String>,
    password: Secret,
    /// What else the form of RFC 6749 §4.3.2 may carry; a client secret means nothing here.
    #[serde(default, rename = "grant_type")]
    _grant_type: Option<PasswordGrant>,
    #[serde(default, rename = "scope")]
    _scope: Option<Ignored>,
    #[serde(default, rename = "client_id")]
    _client_id: Option<Ignored>,
    #[serde(default, rename = "client_secret")]
    _client_secret: Option<Ignored>,
}

impl Credentials {
    /// E-mail address or username, and the password.
    pub(super) fn into_parts(self) -> (String, Secret) {
        (self.email.or(self.username).unwrap_or_default(), self.password)
    }
}

fn one_login(credentials: &Credentials) -> Result<(), ValidationError> {
    match (&credentials.email, &credentials.username) {
        (None, None) => Err(broken(&["email", "username"], "missing", "is required, or username instead")),
        (Some(_), Some(_)) => {
            Err(broken(&["username", "email"], "ambiguous", "must not be given together with email"))
        }
        _ => Ok(()),
    }
}

/// The one grant that the form takes.
#[derive(Debug, ToSchema)]
#[schema(as = PasswordGrant, rename_all = "snake_case")]
enum PasswordGrant {
    Password,
}

impl Parse for PasswordGrant {
    fn parse(text: &str) -> Result<Self, FieldError> {
        match text {
            "password" => Ok(Self::Password),
            _ => Err(FieldError::unplaced("unsupported_grant_type", "must be password")),
        }
    }
}

palisade_core::parsed! { PasswordGrant, "password" }

/// What OAuth 2.0 clients send and nobody reads.
#[derive(Debug)]
struct Ignored;

impl Ignored {
    const MAX_LENGTH: usize = 1_024;
}

impl Parse for Ignored {
    fn parse(text: &str) -> Result<Self, FieldError> {
        match text.chars().nth(Self::MAX_LENGTH) {
            None => Ok(Self),
            Some(_) => Err(FieldError::unplaced("too_long", "must be at most 1024 characters long")),
        }
    }
}

palisade_core::parsed! { Ignored, "any" }

palisade_core::text_schema! {
    Ignored as "IgnoredText", 0..=Ignored::MAX_LENGTH, r"^[^\x00]*$", "A text that nobody reads.", "any",
}

/// The JSON body of `POST /auth/login`.
pub(super) enum LoginBody {}

palisade_core::one_of_schema! {
    LoginBody as "LoginBody", "A password, and either an e-mail address or a username.", LoginByEmail, LoginByUsername,
}

/// Sign in by e-mail address.
#[derive(ToSchema)]
#[schema(as = LoginByEmail)]
#[schema(examples(json!({"email": "ann@example.com", "password": "seven green herons wade"})))]
#[expect(dead_code, reason = "it is read by the API documents only; Credentials reads the request")]
pub(super) struct LoginByEmail {
    /// The e-mail address, in whatever case.
    #[schema(value_type = LoginName)]
    email: String,
    /// The password.
    #[schema(value_type = ShownPassword)]
    password: String,
}

/// Sign in by username.
#[derive(ToSchema)]
#[schema(as = LoginByUsername)]
#[schema(examples(json!({"username": "ann_lee", "password": "seven green herons wade"})))]
#[expect(dead_code, reason = "it is read by the API documents only; Credentials reads the request")]
pub(super) struct LoginByUsername {
    /// The username, in whatever case.
    #[schema(value_type = LoginName)]
    username: String,
    /// The password.
    #[schema(value_type = ShownPassword)]
    password: String,
}

/// The form body of `POST /auth/login`, as OAuth 2.0 clients send it (RFC 6749 §4.3.2).
#[derive(ToSchema)]
#[schema(as = LoginForm)]
#[schema(examples(json!({
    "grant_type": "password", "username": "ann_lee", "password": "seven green herons wade",
})))]
#[expect(dead_code, reason = "it is read by the API documents only; Credentials reads the request")]
pub(super) struct LoginForm {
    /// `password`, where it is given.
    #[schema(value_type = Option<PasswordGrant>)]
    grant_type: Option<String>,
    /// The username or the e-mail address.
    #[schema(value_type = LoginName)]
    username: String,
    /// The password.
    #[schema(value_type = ShownPassword)]
    password: String,
    /// Taken and ignored.
    #[schema(value_type = Option<Ignored>)]
    scope: Option<String>,
    /// Taken and ignored.
    #[schema(value_type = Option<Ignored>)]
    client_id: Option<String>,
    /// Taken and ignored.
    #[schema(value_type = Option<Ignored>)]
    client_secret: Option<String>,
}

/// The body of `POST /auth/refresh`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(examples(json!({"refresh_token": "prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})))]
pub(super) struct RefreshBody {
    /// The latest refresh token.
    #[schema(value_type = RefreshTokenText)]
    pub(super) refresh_token: Secret,
}

/// The body of `POST /auth/password/change`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(examples(json!({
    "current_password": "seven green herons wade", "new_password": "nine brown otters sail",
})))]
pub(super) struct PasswordChange {
    /// The present password.
    #[schema(value_type = ShownPassword)]
    pub(super) current_password: Secret,
    /// It must be hard to guess and hold neither your name nor your e-mail address.
    #[schema(value_type = NewPassword)]
    pub(super) new_password: Secret,
}

/// What a client gets when it signs in or renews (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(super) struct TokenPair {
    /// Send it as `Authorization: Bearer …`.
    #[schema(value_type = AccessToken)]
    access_token: String,
    /// Exchange it once, at `POST /auth/refresh`, for the next pair.
    #[schema(value_type = RefreshTokenText)]
    refresh_token: String,
    /// Always `Bearer`.
    #[schema(value_type = TokenType)]
    token_type: &'static str,
    /// How long the access token is taken, in seconds.
    #[schema(minimum = 1, maximum = 86_400, example = 900)]
    expires_in: u64,
}

/// The kind of an access token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the API documents only")]
enum TokenType {
    Bearer,
}

/// RFC 6749 §5.1 demands both headers: a token must lie in no cache.
pub(super) fn token_response(tokens: &Tokens) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(TokenPair {
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.expose().to_owned(),
            token_type: "Bearer",
            expires_in: tokens.expires_in.as_secs(),
        })
}

/// 204 after a change of the caller's sessions. No store may keep it, and no idempotency key gives it again: in another
/// session the same request does something else.
pub(super) fn session_changed() -> HttpResponse {
    HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

/// The caller's sessions.
#[derive(ToSchema)]
#[schema(as = Sessions, max_items = 100)]
#[expect(dead_code, reason = "it is read by the API documents only")]
pub(super) struct Sessions(Vec<SessionBody>);

/// One of the caller's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// Its id.
    id: SessionId,
    /// Whether this request belongs to it.
    current: bool,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before.
    expires_at: DateTime<Utc>,
    /// What the client said it was.
    #[schema(required, max_length = 256, pattern = r"^[^\x00-\x1F\x7F-\x9F]+$")]
    user_agent: Option<String>,
    /// The client's address.
    #[schema(required, max_length = 45, pattern = "^[0-9a-f.:]+$")]
    ip: Option<String>,
}

impl SessionBody {
    pub(super) fn new(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            current: session.id == current,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            user_agent: session.client.user_agent,
            ip: session.client.ip.map(|ip| ip.to_string()),
        }
    }
}
