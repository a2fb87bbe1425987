//! What the `/auth` routes take and give.

use actix_web::{HttpResponse, http::header};
use chrono::{DateTime, Utc};
use palisade_core::{FieldError, Fields, FromFields, Parse, Secret, SessionId, input};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Session, Tokens};

/// Who wants to sign in: what JSON and form are read into.
#[derive(Debug)]
pub(super) struct Credentials {
    /// E-mail address or username.
    pub(super) login: String,
    pub(super) password: Secret,
}

impl FromFields for Credentials {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (email, username) = (fields.optional::<String>("email"), fields.optional::<String>("username"));
        let password = fields.required("password");
        // What else the form of RFC 6749 §4.3.2 may carry; a client secret means nothing here.
        let grant_type = fields.optional::<PasswordGrant>("grant_type");
        let scope = fields.optional::<String>("scope");
        let client_id = fields.optional::<String>("client_id");
        let client_secret = fields.optional::<Secret>("client_secret");
        let login = match (email?, username?) {
            (Some(login), None) | (None, Some(login)) => login,
            (None, None) => {
                fields.report(FieldError::new("email", "missing", "is required, or username instead"));
                return None;
            }
            (Some(_), Some(_)) => {
                fields.report(FieldError::new(
                    "username",
                    "ambiguous",
                    "must not be given together with email",
                ));
                return None;
            }
        };
        let _ = (grant_type?, scope?, client_id?, client_secret?);
        Some(Self { login, password: password? })
    }
}

/// The one grant that the form takes.
struct PasswordGrant;

impl Parse for PasswordGrant {
    fn parse(text: &str) -> Result<Self, FieldError> {
        match text {
            "password" => Ok(Self),
            _ => Err(FieldError::unplaced("unsupported_grant_type", "must be password")),
        }
    }
}

/// The JSON body of `POST /auth/login`: `email` or `username`, and `password`.
#[derive(ToSchema)]
#[schema(as = LoginBody)]
#[expect(dead_code, reason = "it is read by the API documents only; Credentials reads the request")]
pub(super) struct LoginBody {
    /// The e-mail address; or give `username`.
    #[schema(example = "ann@example.org", max_length = 320)]
    email: Option<String>,
    /// The username; or give `email`.
    #[schema(max_length = 320)]
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// The form body of `POST /auth/login`, as OAuth 2.0 clients send it (RFC 6749 §4.3.2).
#[derive(ToSchema)]
#[schema(as = LoginForm)]
#[expect(dead_code, reason = "it is read by the API documents only; Credentials reads the request")]
pub(super) struct LoginForm {
    /// `password`, where it is given.
    #[schema(example = "password", pattern = "^password$")]
    grant_type: Option<String>,
    /// The username or the e-mail address.
    username: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// Taken and ignored.
    scope: Option<String>,
    /// Taken and ignored.
    client_id: Option<String>,
    /// Taken and ignored.
    #[schema(format = Password)]
    client_secret: Option<String>,
}

input! {
    /// The body of `POST /auth/refresh`.
    #[derive(Debug, ToSchema)]
    pub(super) struct RefreshBody {
        /// The latest refresh token.
        #[schema(value_type = String, format = Password)]
        required refresh_token: Secret,
    }
}

input! {
    /// The body of `POST /auth/password/change`.
    #[derive(Debug, ToSchema)]
    pub(super) struct PasswordChange {
        /// The present password.
        #[schema(value_type = String, format = Password)]
        required current_password: Secret,
        /// The password to be: 8 to 128 characters, not easy to guess, without your name or e-mail address.
        #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
        required new_password: Secret,
    }
}

/// What a client gets when it signs in or renews (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(super) struct TokenPair {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Exchange it once, at `POST /auth/refresh`, for the next pair.
    refresh_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is taken, in seconds.
    #[schema(example = 900)]
    expires_in: u64,
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

/// One of the caller's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
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
    user_agent: Option<String>,
    /// The client's address.
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
