//! What can go wrong with a cache, in this crate's words.

use std::{fmt, sync::Arc, time::Duration};

/// When a caller may come back to a cache that is not there or a queue that is full.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A failure of this crate. Cloning it is cheap: those who wait for one fetch share its failure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a key.
    #[error("not a cache key: {0}")]
    InvalidKey(&'static str),
    /// Not a time to live.
    #[error("a time to live is between a millisecond and 100 years, which {0} is not")]
    InvalidTtl(Box<str>),
    /// Not a pattern of keys.
    #[error("not a pattern of cache keys: {0}")]
    InvalidPattern(&'static str),
    /// Not the name of a namespace or a tag.
    #[error("not the name of a namespace or a tag: {0}")]
    InvalidName(&'static str),
    /// The backend cannot be reached, or refuses.
    #[error("the cache is out of reach: {0}")]
    Unavailable(Arc<str>),
    /// The value has no encoded form.
    #[error("the value cannot be encoded: {0}")]
    Unencodable(Arc<str>),
    /// So many writes wait that another cannot be taken.
    #[error("{0} writes wait to be carried out, no more are taken")]
    QueueFull(usize),
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The backend cannot be reached.
    pub fn unavailable(reason: impl fmt::Display) -> Self {
        Self::Unavailable(reason.to_string().into())
    }
}

impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) | Error::QueueFull(_) => {
                Self::unavailable("The service is busy", RETRY_AFTER).with_source(error)
            }
            // The program chose the key, not the client.
            _ => Self::internal(error),
        }
    }
}
