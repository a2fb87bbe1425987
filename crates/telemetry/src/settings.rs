//! The section `log` of the settings.

mod telemetry;

use palisade_core::Environment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mask;
pub use telemetry::{Mode, TelemetrySettings};

/// How and what the program logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The least level that is logged (`error`, `warn`, `info`, `debug`, `trace`, `off`), or filter
    /// directives such as `info,palisade_auth=debug`. Changeable at run time.
    #[schemars(extend("x-env-aliases" = ["APP_LOG_LEVEL"]))]
    pub level: String,
    /// The form of a line.
    #[schemars(extend(
        "x-env-aliases" = ["APP_LOG_FORMAT", {
            "name": "LOG_JSON",
            "map": {"true": "json", "false": "console"},
            "ignore_invalid": true
        }],
        "x-default-by-environment" = "console on a terminal in local, else json"
    ))]
    pub format: Option<Format>,
    /// Adds the source file and line to each line.
    #[schemars(extend("x-env-aliases" = ["APP_LOG_INCLUDE_CALLER"]))]
    pub include_caller: bool,
    /// More names of fields whose values are hidden, besides `password`, `token`, `api_key` and the like. Case, `-` and
    /// `_` make no difference, and `badge` also stands for `old_badge`.
    pub mask_fields: Vec<String>,
    /// Regular expressions; what they match in a value or a message is hidden, besides e-mail addresses, telephone and
    /// card numbers, keys and tokens.
    pub mask_patterns: Vec<String>,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object per line, for machines.
    Json,
    /// Readable text, for people.
    Console,
}

impl Settings {
    /// What is hidden in the lines besides the kinds that are built in.
    #[must_use]
    pub fn masking(&self) -> mask::Settings {
        mask::Settings { fields: self.mask_fields.clone(), patterns: self.mask_patterns.clone() }
    }

    /// The form that is set, or else the one that suits the reader.
    #[must_use]
    pub fn format(&self, environment: Environment, is_terminal: bool) -> Format {
        let for_a_person = is_terminal && environment == Environment::Local;
        self.format.unwrap_or(if for_a_person { Format::Console } else { Format::Json })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: None,
            include_caller: false,
            mask_fields: Vec::new(),
            mask_patterns: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_at_a_terminal_in_local_reads_text_and_everyone_else_json() {
        let settings = Settings::default();
        assert_eq!(settings.format(Environment::Local, true), Format::Console);
        assert_eq!(settings.format(Environment::Local, false), Format::Json);
        assert_eq!(settings.format(Environment::Production, true), Format::Json);
        let console = Settings { format: Some(Format::Console), ..settings };
        assert_eq!(console.format(Environment::Production, false), Format::Console);
    }
}
