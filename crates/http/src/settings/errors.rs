//! The section `errors`.

use serde::{Deserialize, Serialize};

use crate::error::ErrorFormat;

/// The bodies of errors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ErrorsSettings {
    /// The form of an error body when `Accept` names neither.
    pub format: ErrorFormat,
}
