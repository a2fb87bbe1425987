//! Access tokens: signed JWTs (RFC 7519) in the profile of RFC 9068, verified against keys of our own.

mod access_tokens;
mod claims;
mod key;
mod remembered;
mod verify;

pub use access_tokens::AccessTokens;
pub use claims::Claims;
pub use key::{KeySet, SigningKey};
#[cfg(feature = "routes")]
pub(crate) use verify::MAX_BYTES;
pub use verify::TokenError;
