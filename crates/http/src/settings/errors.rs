//! The section `errors`.

use palisade_core::ErrorFormat;
use serde::{Deserialize, Serialize};

/// The bodies of errors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ErrorsSettings {
    /// The form of an error body when `Accept` names neither.
    pub format: ErrorFormat,
}
