//! Passwords: the rules for new ones, their hashes, and the threads that do the costly work.

mod hash;
mod hasher;
mod normal;
mod passwords;
mod policy;
mod pool;
mod strength;

pub use hash::{HashError, PasswordHash};
pub use hasher::{Argon2Hasher, Hasher};
pub use passwords::Passwords;
pub use policy::Policy;
#[cfg(feature = "routes")]
pub(crate) use policy::{MAX_LENGTH, MIN_LENGTH};
