//! The question put to one part of the program.

use std::fmt;

use async_trait::async_trait;

/// Asks one part of the program whether it works.
#[async_trait]
pub trait Check: Send + Sync + 'static {
    /// The part's name in reports, such as `db` or `redis`.
    fn name(&self) -> &str;

    /// Whether the program can serve nobody without this part. A lost critical part takes the program out
    /// of traffic; a lost other part only reads as degraded.
    fn critical(&self) -> bool;

    /// Asks. The registry bounds the time; a check that is dropped half-way leaves nothing behind.
    ///
    /// # Errors
    /// Why the part does not work, for the log alone.
    async fn check(&self) -> Result<(), CheckError>;
}

/// Why a part does not work. It is written to the log and never to a response.
#[derive(Debug)]
pub struct CheckError(Box<dyn std::error::Error + Send + Sync>);

impl CheckError {
    /// A failure with its cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CheckError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
