//! The section `cors`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cors::{ALLOWED_HEADERS, Cors, Origins};

/// Which pages of other origins may call the API from a browser.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CorsSettings {
    /// The origins whose scripts may read answers, such as `https://app.example.com`. Empty: none. `*` alone: all, which
    /// needs `CORS_ALLOW_CREDENTIALS=false`.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["APP_CORS_ALLOW_ORIGINS"])))]
    pub origins: Vec<String>,
    /// Whether those scripts may send cookies, and what else the browser keeps for this server.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["APP_CORS_ALLOW_CREDENTIALS"])))]
    pub allow_credentials: bool,
    /// The request headers that those scripts may set.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [{
        "name": "APP_CORS_ALLOW_METHODS",
        "instead": "a page may use the methods that a route has; remove it"
    }])))]
    pub allow_headers: Vec<String>,
    /// How long a browser may remember what it was allowed, in seconds.
    #[cfg_attr(feature = "settings", schemars(range(max = 86_400)))]
    pub max_age_seconds: u64,
}

/// A setting of the section that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cors.{field}: {problem}")]
pub struct CorsProblem {
    /// The setting.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl Default for CorsSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            allow_credentials: true,
            allow_headers: ALLOWED_HEADERS.map(str::to_owned).to_vec(),
            max_age_seconds: 600,
        }
    }
}

impl CorsSettings {
    /// The rules; `None` when no origin is allowed.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn rules(&self) -> Result<Option<Cors>, CorsProblem> {
        let of = |field| move |problem: String| CorsProblem { field, problem };
        let origins = Origins::parse(&self.origins).map_err(|error| of("origins")(error.to_string()))?;
        let none = origins.is_empty();
        let mut cors = Cors::new(origins)
            .remembered_for(Duration::from_secs(self.max_age_seconds))
            .allow_headers(&self.allow_headers)
            .map_err(|error| of("allow_headers")(error.to_string()))?;
        if self.allow_credentials {
            cors = cors.with_credentials().map_err(|error| of("origins")(error.to_string()))?;
        }
        Ok((!none).then_some(cors))
    }
}
