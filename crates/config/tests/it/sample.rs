//! Settings of an imaginary application, and short ways to load them.

use std::{collections::BTreeMap, fs, net::IpAddr};

use palisade_config::{Capture, Loaded, Problem, Problems, Report, Rules, Sources, load};
use palisade_core::{Environment, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) app: App,
    /// The public listener.
    pub(crate) server: Server,
    pub(crate) log: Log,
    pub(crate) database: Database,
    pub(crate) redis: Redis,
    pub(crate) rate_limit: RateLimit,
    pub(crate) telemetry: Telemetry,
    pub(crate) cors: Cors,
    pub(crate) auth: Auth,
    pub(crate) otel: Otel,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct App {
    /// The name in logs.
    #[schemars(extend("x-env-aliases" = [{"name": "APP_RELEASE", "instead": "the program has its own"}]))]
    pub(crate) name: String,
    /// Where it runs.
    pub(crate) environment: Environment,
    /// Shows more. Never in production.
    #[schemars(extend("x-env-aliases" = [{"name": "DEBUG", "ignore_invalid": true}]))]
    pub(crate) debug: bool,
    /// The documentation pages.
    #[schemars(extend("x-default-by-environment" = "off in production, else on"))]
    pub(crate) docs_enabled: Option<bool>,
}

impl Default for App {
    fn default() -> Self {
        Self { name: "sample".into(), environment: Environment::Local, debug: false, docs_enabled: None }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// The address to listen on.
    #[schemars(extend("x-env-aliases" = [{"name": "HOST", "ignore_invalid": true, "form": "address"}]))]
    pub(crate) host: IpAddr,
    /// The port to listen on; 0 picks a free one.
    #[schemars(extend("x-env-aliases" = [{"name": "PORT", "ignore_invalid": true}, "HTTP_PORT"]))]
    pub(crate) port: u16,
    /// How many workers; the cores when unset.
    #[schemars(range(min = 1, max = 64))]
    pub(crate) workers: Option<u32>,
    /// How long a request may take | in seconds.
    pub(crate) request_timeout_seconds: f64,
    pub(crate) access_log_file: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8000,
            workers: None,
            request_timeout_seconds: 15.0,
            access_log_file: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Json,
    #[default]
    Console,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) level: String,
    #[schemars(extend("x-env-aliases" = [{"name": "LOG_JSON", "map": {"true": "json", "false": "console"}}]))]
    pub(crate) format: Option<Format>,
    /// A level per module.
    pub(crate) targets: BTreeMap<String, String>,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: None, targets: BTreeMap::new() }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    /// Where the data is.
    #[schemars(extend("x-default" = "sqlite://data/sample.db", "x-env-aliases" = ["APP_DATABASE_URL"]))]
    pub(crate) url: Secret,
    pub(crate) pool_size: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: Secret::new("sqlite://data/sample.db"), pool_size: 10 }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Redis {
    pub(crate) url: Option<Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-env-ours-alone" = true))]
pub(crate) struct RateLimit {
    #[schemars(extend("x-default-by-environment" = "off in local and test"))]
    pub(crate) enabled: Option<bool>,
    pub(crate) requests: u64,
    pub(crate) burst: i64,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { enabled: None, requests: 60, burst: 10 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Nothing.
    Off,
    /// Into the log.
    Log,
    /// For a scraper.
    Prometheus,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Telemetry {
    #[schemars(extend("x-env-aliases" = [{"name": "PROMETHEUS_ENABLED", "map": {"true": ["prometheus"], "false": null}}]))]
    pub(crate) mode: Vec<Mode>,
    #[schemars(extend("x-env-name" = "SENTRY_DSN"))]
    pub(crate) sentry_dsn: Option<Secret>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { mode: vec![Mode::Off], sentry_dsn: None }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<String>,
    pub(crate) ports: Vec<u16>,
}

/// The names of a standard.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-env-standard" = {"of": "OpenTelemetry", "when": {"telemetry.mode": "prometheus"}}))]
pub(crate) struct Otel {
    /// Where traces go.
    #[schemars(extend("x-env-else" = "none"))]
    pub(crate) traces_exporter: Exporter,
    #[schemars(extend("x-env-form" = "http_url"))]
    pub(crate) exporter_otlp_endpoint: Option<String>,
    #[schemars(extend("x-env-form" = "pairs"))]
    pub(crate) exporter_otlp_headers: Option<Secret>,
    #[schemars(range(min = 1))]
    pub(crate) bsp_max_queue_size: u32,
}

impl Default for Otel {
    fn default() -> Self {
        Self {
            traces_exporter: Exporter::Otlp,
            exporter_otlp_endpoint: None,
            exporter_otlp_headers: None,
            bsp_max_queue_size: 2_048,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Exporter {
    Otlp,
    None,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auth {
    /// Signs the tokens.
    #[schemars(extend("x-env-aliases" = ["JWT_SECRET", "SECRET_KEY"]))]
    pub(crate) jwt_secret: Option<Secret>,
    /// How long a token lasts, in seconds.
    #[schemars(range(max = 86_400), extend("x-env-aliases" = [{"name": "JWT_EXPIRY_MINUTES", "unit": "minutes"}]))]
    pub(crate) ttl_seconds: u32,
    /// A file's own name, not that of a secret.
    pub(crate) jwt_private_key_file: Option<String>,
}

impl Rules for Settings {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        if environment.is_production() {
            if self.auth.jwt_secret.as_ref().is_none_or(|secret| secret.expose().len() < 32) {
                problems.reject("auth.jwt_secret", "must have 32 bytes or more in production");
            }
            if self.app.debug {
                problems.reject("app.debug", "must be off in production");
            }
        }
    }
}

/// Loads from variables alone.
pub(crate) fn from_env(variables: &[(&str, &str)]) -> Result<Loaded<Settings>, Report> {
    load(&Sources::new(Capture::new(variables.iter().copied())))
}

/// The settings from variables that are known to be right.
pub(crate) fn settings(variables: &[(&str, &str)]) -> Settings {
    from_env(variables).unwrap_or_else(|report| panic!("{report}")).settings
}

/// The problems that variables cause.
pub(crate) fn problems(variables: &[(&str, &str)]) -> Vec<Problem> {
    from_env(variables).map(|loaded| loaded.dump()).unwrap_err().problems().to_vec()
}

/// The one problem that variables cause.
pub(crate) fn problem(variables: &[(&str, &str)]) -> Problem {
    let mut problems = problems(variables);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

/// A directory with files in it.
pub(crate) struct Directory(pub(crate) TempDir);

impl Directory {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        Self(directory)
    }

    pub(crate) fn sources(&self, variables: &[(&str, &str)]) -> Sources {
        Sources::new(Capture::new(variables.iter().copied())).in_directory(self.0.path())
    }

    pub(crate) fn load(&self, variables: &[(&str, &str)]) -> Result<Loaded<Settings>, Report> {
        load(&self.sources(variables))
    }

    pub(crate) fn settings(&self, variables: &[(&str, &str)]) -> Settings {
        self.load(variables).unwrap_or_else(|report| panic!("{report}")).settings
    }

    /// Key, origin and message of each problem.
    pub(crate) fn problems(&self, variables: &[(&str, &str)]) -> Vec<(String, String, String)> {
        let report = self.load(variables).map(|loaded| loaded.dump()).unwrap_err();
        let shown = |p: &Problem| (p.key.clone(), p.origin.to_string(), p.message.clone());
        report.problems().iter().map(shown).collect()
    }
}
