//! Units of work that were in each other's way.

use palisade_core::Error;

/// Another unit held too long what this one wanted to write.
#[derive(Debug, thiserror::Error)]
#[error("another unit of work holds what this one writes")]
pub(crate) struct Held;

/// An error that may say that two units of work were in each other's way, and that running the whole unit again is right.
pub trait Contention {
    /// Whether it says so.
    fn is_contention(&self) -> bool;
}

impl Contention for Error {
    fn is_contention(&self) -> bool {
        let Some(cause) = std::error::Error::source(self) else { return false };
        #[cfg(feature = "sql")]
        if let Some(palisade_database::Error::Contention { .. }) = cause.downcast_ref() {
            return true;
        }
        cause.is::<Held>()
    }
}
