//! The section `sentry`.

use std::io;

use ::sentry::types::Dsn;
use palisade_core::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Errors and panics to Sentry. It is on where a DSN is set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SentrySettings {
    /// The project's address with its key, as Sentry shows it: `https://key@host/project`. Unset or empty: nothing is sent.
    pub dsn: Option<Secret>,
    /// The share of errors that are sent: 0 none, 1 all.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sample_rate: f64,
}

/// Why nothing can be sent to Sentry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SentryError {
    /// The DSN is none.
    #[error("must look like `https://key@host/project`: {0}")]
    Dsn(&'static str),
    /// The share is none.
    #[error("must be from 0 to 1")]
    SampleRate,
    /// The HTTP client does not start.
    #[error("the HTTP client does not start: {0}")]
    Client(String),
    /// The operating system gives no thread.
    #[error("no thread to send with")]
    Thread(#[from] io::Error),
}

impl SentrySettings {
    /// Whether what the settings say can be used; the name of the one that cannot, with the reason, which never has the
    /// DSN in it.
    ///
    /// # Errors
    /// The first problem.
    pub fn check(&self) -> Result<(), (&'static str, SentryError)> {
        self.parsed().map_err(|error| ("dsn", error))?;
        match (0.0..=1.0).contains(&self.sample_rate) {
            true => Ok(()),
            false => Err(("sample_rate", SentryError::SampleRate)),
        }
    }

    pub(super) fn parsed(&self) -> Result<Option<Dsn>, SentryError> {
        let given = self.dsn.as_ref().map(|dsn| dsn.expose().trim()).filter(|dsn| !dsn.is_empty());
        given.map(|dsn| dsn.parse().map_err(|error| SentryError::Dsn(reason(&error)))).transpose()
    }
}

/// In words of ours: those of another crate could come to repeat what they refuse.
fn reason(error: &::sentry::types::ParseDsnError) -> &'static str {
    use ::sentry::types::ParseDsnError as Problem;
    match error {
        Problem::InvalidUrl => "it is no URL",
        Problem::InvalidScheme => "its scheme is neither http nor https",
        Problem::NoUsername => "it has no key",
        Problem::NoProjectId | Problem::InvalidProjectId(_) => "it has no project",
    }
}

impl Default for SentrySettings {
    fn default() -> Self {
        Self { dsn: None, sample_rate: 1.0 }
    }
}
