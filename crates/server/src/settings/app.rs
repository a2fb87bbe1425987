//! The section `app`.

use std::path::PathBuf;

use palisade_core::{Environment, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the program is and where it runs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AppSettings {
    /// The name in API documents, logs and tokens.
    #[schemars(extend("x-env-aliases" = [
        "APP_PROJECT_NAME",
        {"name": "APP_PROJECT_VERSION", "instead": "the version is that of the program, as `api --version` tells"},
        {"name": "APP_VERSION", "instead": "the version is that of the program, as `api --version` tells"}
    ]))]
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Where this runs. It decides the defaults that a laptop and production must not share.
    pub environment: Environment,
    /// Adds the cause chain to the bodies of 5xx answers. Refused in production.
    #[schemars(extend("x-env-aliases" = [{"name": "DEBUG", "ignore_invalid": true}]))]
    pub debug: bool,
    /// The path under which the API's resources stand.
    #[schemars(length(max = 100))]
    pub api_prefix: String,
    /// Serves `/openapi.json`, `/docs` and `/redoc`.
    #[schemars(extend("x-default-by-environment" = "on, in production off"))]
    pub docs_enabled: Option<bool>,
    /// The secret from which the server derives its keys, at least 32 bytes of randomness. A domain may bring another one
    /// that stands for it where this is unset, as `AUTH_JWT_SECRET` does.
    #[schemars(extend("x-default-by-environment" = "AUTH_JWT_SECRET where there is one; else made once in local and test, and required elsewhere"))]
    pub secret: Option<Secret>,
    /// The directory for what this machine keeps: the SQLite file, the local signing secret.
    pub data_dir: PathBuf,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            name: "palisade".to_owned(),
            environment: Environment::default(),
            debug: false,
            api_prefix: "/api/v1".to_owned(),
            docs_enabled: None,
            secret: None,
            data_dir: "./data".into(),
        }
    }
}

impl AppSettings {
    /// Why the prefix cannot be used, if it cannot.
    #[must_use]
    pub fn prefix_problem(&self) -> Option<&'static str> {
        let segment = |segment: &str| {
            let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(safe)
        };
        match self.api_prefix.strip_prefix('/') {
            Some(path) if path.split('/').all(segment) => None,
            _ => Some("must be a path such as /api/v1, without a slash at its end"),
        }
    }
}
