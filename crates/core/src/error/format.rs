//! Which of the two forms an error body takes.

use serde::{Deserialize, Serialize};

/// The form of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ErrorFormat {
    /// `{"error": {…}}` as `application/json`.
    #[default]
    Envelope,
    /// RFC 9457 as `application/problem+json`.
    Problem,
}

impl ErrorFormat {
    /// The media type of the form.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Envelope => "application/json",
            Self::Problem => "application/problem+json",
        }
    }

    /// The form of this media type, in lower case and without parameters.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        [Self::Envelope, Self::Problem].into_iter().find(|form| form.media_type() == media_type)
    }

    /// The other one of the two forms.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Envelope => Self::Problem,
            Self::Problem => Self::Envelope,
        }
    }
}
