//! Who is calling: passwords, access and refresh tokens, sessions, permissions.
//!
//! [`Auth`] is the service: it signs people in, renews their tokens, ends their sessions and turns an access
//! token into a [`Principal`](palisade_core::Principal). What it must know of a user it asks of
//! [`Identities`], which the crate that keeps users implements.
//!
//! ```
//! use std::sync::Arc;
//! use palisade_auth::{Argon2Hasher, Passwords, Settings};
//! use palisade_core::{Secret, SystemRandom};
//! use palisade_telemetry::metrics::Off;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let hasher = Arc::new(Argon2Hasher::new(Arc::new(SystemRandom)));
//! let passwords = Passwords::start(&Settings::default(), hasher, &Off::shared())?;
//! let hash = passwords.set(Secret::new("seven green herons wade"), &["ann@example.org"]).await?;
//! assert!(passwords.verify(Secret::new("seven green herons wade"), Some(&hash)).await?);
//!
//! let refused = passwords.set(Secret::new("ann@example.org"), &["ann@example.org"]).await.unwrap_err();
//! assert_eq!(refused.fields()[0].code, "contains_personal");
//! # Ok(())
//! # }
//! ```
//!
//! What it deliberately does not do: keep users, send mail, trust a role written into a token (roles are
//! looked up, at most a second old), or take any key from a token.

mod access;
mod audit;
mod error;
mod events;
mod identity;
mod live_sessions;
mod liveness;
mod metrics;
mod password;
mod refresh;
mod service;
mod session;
mod settings;
mod store;
mod token;

#[cfg(feature = "testing")]
pub mod conformance;
#[cfg(feature = "domain")]
mod domain;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "routes")]
mod routes;

pub use access::Permissions;
#[cfg(feature = "domain")]
pub use domain::domain;
pub use error::{Error, REASONS};
pub use events::{PasswordChanged, subscribe};
pub use identity::{Identities, Identity};
pub use live_sessions::LiveSessions;
pub use metrics::METRICS;
pub use palisade_core::secret::{WeakSecret, is_placeholder};
pub use password::{Argon2Hasher, HashError, Hasher, PasswordHash, Passwords, Policy};
pub use refresh::{FamilyKey, RefreshToken, TokenHash};
pub use service::{Auth, AuthParts, Tokens};
pub use session::{ClientInfo, NewSession, Session};
pub use settings::{Settings, SigningAlgorithm};
#[cfg(feature = "sql")]
pub use store::{MIGRATIONS, SqlSessionStore};
pub use store::{MemorySessionStore, Rotate, Rotation, SessionStore};
pub use token::{AccessTokens, Claims, KeySet, SigningKey, TokenError};
