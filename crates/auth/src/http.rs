//! Callers in an actix-web server: `Auth` is the `Authenticator` of the access layer in `palisade-http`. With the feature
//! `routes`, the `/auth` routes too.

mod authenticator;
mod authorization;

pub use palisade_http::access::Caller;

#[cfg(feature = "routes")]
pub use crate::routes::{KEY_TAGS, NewPassword, TAGS, configure, configure_root, document_password_length};
