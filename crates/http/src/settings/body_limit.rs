//! How large bodies may be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{body_limit::BodyLimit, extract::DEFAULT_JSON_DEPTH};

/// How large bodies may be; part of the section `security`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct BodyLimitSettings {
    /// The largest body of a request to the API, in bytes; a larger one is a 413.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 1_073_741_824)))]
    pub max_request_size: usize,
    /// The same under `/uploads` of the API.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 1_073_741_824)))]
    pub max_upload_size: usize,
    /// The same under `/imports` of the API.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 1_073_741_824)))]
    pub max_import_size: usize,
    /// The same outside of the API.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 1_073_741_824)))]
    pub max_other_size: usize,
    /// The same under further paths, such as `/api/v1/users/{id}/avatar=204800`: `{id}` stands for any segment,
    /// and the longest path that fits holds.
    pub body_limits: BTreeMap<String, usize>,
    /// How many arrays and objects may stand within each other in a JSON body.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 127)))]
    pub max_json_depth: usize,
}

impl Default for BodyLimitSettings {
    fn default() -> Self {
        Self {
            max_request_size: 1_048_576,
            max_upload_size: 52_428_800,
            max_import_size: 10_485_760,
            max_other_size: 65_536,
            body_limits: BTreeMap::new(),
            max_json_depth: DEFAULT_JSON_DEPTH,
        }
    }
}

impl BodyLimitSettings {
    /// The layer, for an API whose versions stand under `prefixes`.
    #[must_use]
    pub fn layer(&self, prefixes: &[String]) -> BodyLimit {
        let limit = BodyLimit::new(self.max_other_size).json_depth(self.max_json_depth);
        let limit = prefixes.iter().fold(limit, |limit, prefix| {
            limit
                .under(prefix, self.max_request_size)
                .under(&format!("{prefix}/imports"), self.max_import_size)
                .under(&format!("{prefix}/uploads"), self.max_upload_size)
        });
        self.body_limits.iter().fold(limit, |limit, (path, bytes)| limit.under(path, *bytes))
    }

    /// The path of a body limit that is none, if there is one.
    #[must_use]
    pub fn path_problem(&self) -> Option<String> {
        let path = self.body_limits.keys().find(|path| !path.starts_with('/'))?;
        Some(format!("`{path}` must begin with a slash"))
    }
}
