//! What becomes of the variables that the `.env` files of other templates hold.
//!
//! Each block is such a file. Behind each line stands what it comes to here: the value of a setting, as `config dump`
//! shows it, or a part of the note at start.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use palisade_config::{Capture, Sources};
use palisade_http::client_address::TrustedProxies;
use palisade_server::Loaded;

/// What a line comes to.
#[derive(Debug)]
enum Fate {
    /// The setting of that key has this value because of it.
    Is(&'static str, &'static str),
    /// It is ignored, with a note that says this.
    Told(&'static str),
}

use Fate::{Is, Told};

type Line = (&'static str, &'static str, Fate);

/// A service template with settings per concern under `APP_`.
const APP: &[Line] = &[
    ("APP_PROJECT_NAME", "shop", Is("app.name", "shop")),
    ("APP_PROJECT_VERSION", "1.2.3", Told("the version is that of the program")),
    ("APP_VERSION", "1.2.3", Told("the version is that of the program")),
    ("APP_DEBUG", "false", Is("app.debug", "false")),
    ("APP_LOG_LEVEL", "debug", Is("log.level", "debug")),
    ("APP_LOG_FORMAT", "json", Is("log.format", "json")),
    ("APP_LOG_INCLUDE_CALLER", "true", Is("log.include_caller", "true")),
    ("APP_DATABASE_URL", "sqlite+aiosqlite:///./app.db", Is("database.url", "sqlite+aiosqlite:///./app.db")),
    ("APP_DATABASE_POOL_SIZE", "7", Is("database.pool_size", "7")),
    ("APP_DATABASE_MAX_OVERFLOW", "3", Is("database.max_overflow", "3")),
    ("APP_DATABASE_ECHO", "false", Told("DATABASE_SLOW_QUERY_MS")),
    (
        "APP_CORS_ALLOW_ORIGINS",
        r#"["https://shop.example.com"]"#,
        Is("cors.origins", "https://shop.example.com"),
    ),
    ("APP_CORS_ALLOW_CREDENTIALS", "false", Is("cors.allow_credentials", "false")),
    ("APP_CORS_ALLOW_METHODS", "GET,POST", Told("a page may use the methods that a route has")),
    ("APP_ALLOWED_HOSTS", "shop.example.com", Is("security.allowed_hosts", "shop.example.com")),
];

/// A backend with everything about protection under `SECURITY_`.
const SECURITY: &[Line] = &[
    ("SECURITY_JWT_SECRET", "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue", Is("auth.jwt_secret", "***")),
    ("SECURITY_JWT_ALGORITHM", "HS256", Is("auth.jwt_algorithm", "HS256")),
    ("SECURITY_JWT_EXPIRY_MINUTES", "30", Is("auth.access_token_ttl_seconds", "1800")),
    ("SECURITY_API_KEY_HEADER", "X-API-Key", Told("X-API-Key")),
    ("SECURITY_RATE_LIMIT_ENABLED", "true", Is("rate_limit.enabled", "true")),
    ("SECURITY_RATE_LIMIT_PER_MINUTE", "90", Is("rate_limit.requests", "90")),
    ("SECURITY_RATE_LIMIT_PER_HOUR", "2000", Is("rate_limit.per_hour", "2000")),
    ("SECURITY_RATE_LIMIT_BURST", "15", Is("rate_limit.burst", "15")),
    ("SECURITY_TRUST_PROXY_HEADERS", "true", Told("name the proxies")),
    ("SECURITY_REDIS_ENABLED", "true", Told("leave REDIS_URL unset")),
    ("SECURITY_REDIS_URL", "redis://cache:6379/0", Is("redis.url", "redis://cache:6379/0")),
    ("SECURITY_ENABLE_HSTS", "true", Is("security.enable_hsts", "true")),
    ("SECURITY_ENABLE_CSP", "false", Is("security.enable_csp", "false")),
    ("SECURITY_ENABLE_GEO_BLOCKING", "true", Told("GEOIP_DATABASE_PATH")),
    ("SECURITY_ENABLE_CIRCUIT_BREAKER", "true", Told("always on")),
    ("SECURITY_ENABLE_DDOS_PROTECTION", "true", Told("always on")),
    ("SECURITY_ENABLE_PROMETHEUS", "true", Is("telemetry.mode", "prometheus")),
    ("SECURITY_ENABLE_ALERTING", "true", Told("SECURITY_ALERT_WEBHOOK_URL")),
    ("SECURITY_CIRCUIT_BREAKER_THRESHOLD", "4", Is("circuit_breaker.failure_threshold", "4")),
    ("SECURITY_CIRCUIT_BREAKER_TIMEOUT", "20", Is("circuit_breaker.recovery_timeout_seconds", "20")),
    ("SECURITY_SESSION_COOKIE", "sid", Told("there is no such setting")),
];

/// A service with the names of each concern.
const CONCERNS: &[Line] = &[
    ("DATABASE_ECHO", "true", Told("DATABASE_SLOW_QUERY_MS")),
    ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "6", Is("circuit_breaker.failure_threshold", "6")),
    ("CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "45", Is("circuit_breaker.recovery_timeout_seconds", "45")),
    ("RATE_LIMIT_DEFAULT_LIMIT", "80", Is("rate_limit.requests", "80")),
    ("RATE_LIMIT_DEFAULT_WINDOW", "30", Is("rate_limit.window_seconds", "30")),
    ("CACHE_TTL_DEFAULT", "120", Is("cache.default_ttl_seconds", "120")),
    ("PROMETHEUS_ENABLED", "true", Is("telemetry.mode", "prometheus")),
    ("METRICS_PORT", "9100", Is("management.port", "9100")),
];

/// Names that everybody uses.
const EVERYBODY: &[Line] = &[
    ("PORT", "8080", Is("server.port", "8080")),
    ("HOST", "0.0.0.0", Is("server.host", "0.0.0.0")),
    ("DEBUG", "true", Is("app.debug", "true")),
    ("SECRET_KEY", "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue\n", Is("auth.jwt_secret", "***")),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "60", Is("auth.access_token_ttl_seconds", "3600")),
    ("REFRESH_TOKEN_EXPIRE_DAYS", "7", Is("auth.refresh_token_ttl_seconds", "604800")),
    ("LOG_JSON", "true", Is("log.format", "json")),
];

fn load(variables: &[(&str, &str)]) -> Loaded {
    let sources = Sources::new(Capture::new(variables.iter().copied()));
    palisade_api::server()
        .build()
        .unwrap()
        .settings_layout()
        .load(&sources)
        .unwrap_or_else(|report| panic!("{report}"))
}

/// Holds each line of a file against what it comes to, and finds each in `config explain`.
fn hold(lines: &[Line]) {
    let variables: Vec<_> = lines.iter().map(|(name, value, _)| (*name, *value)).collect();
    let loaded = load(&variables);
    for (name, value, fate) in lines {
        let explained = loaded.explain(name);
        match fate {
            Is(key, wanted) => {
                let explained = explained.unwrap_or_else(|| panic!("{name} is not explained"));
                assert_eq!(explained.setting.key, *key, "{name}");
                assert_eq!(explained.value.as_deref(), Some(*wanted), "{name}={value}");
                let origin = explained.origin.to_string();
                assert_eq!(origin, format!("environment variable {name}"));
            }
            Told(part) => {
                let start = format!("{name} is ignored: ");
                let note = loaded.notes.iter().find(|note| note.starts_with(&start));
                let note = note.unwrap_or_else(|| panic!("{name} is not named: {:?}", loaded.notes));
                assert!(note.contains(part), "{note}");
                let is_explained = explained.is_none_or(|explained| explained.to_string().contains(&start));
                assert!(is_explained, "{name}");
            }
        }
    }
}

#[test]
fn each_line_of_an_app_env_file_counts_or_is_named() {
    hold(APP);
}

#[test]
fn each_line_of_a_security_env_file_counts_or_is_named() {
    hold(SECURITY);
}

#[test]
fn each_line_of_a_concerns_env_file_counts_or_is_named() {
    hold(CONCERNS);
}

#[test]
fn each_line_of_everybodys_env_file_counts_or_is_named() {
    hold(EVERYBODY);
}

#[test]
fn trusting_proxy_headers_without_naming_proxies_opens_nothing() {
    let loaded = load(&[("SECURITY_TRUST_PROXY_HEADERS", "true")]);
    let proxies = &loaded.settings.security.proxies.trusted_proxies;
    assert!(proxies.is_empty());
    let proxies = TrustedProxies::parse(proxies).unwrap();
    assert!(proxies.too_wide().is_none());
    let peer = "203.0.113.9".parse().unwrap();
    assert!(!proxies.contains(peer), "nobody's headers are believed");
}

#[test]
fn an_algorithm_that_is_not_ours_is_named() {
    let loaded = load(&[("SECURITY_JWT_ALGORITHM", "RS256")]);
    let note = "SECURITY_JWT_ALGORITHM is ignored: as AUTH_JWT_ALGORITHM it must be `HS256`";
    assert!(loaded.notes[0].starts_with(note), "{:?}", loaded.notes);
}

#[test]
fn every_name_of_another_program_stands_in_the_documentation() {
    let document = include_str!("../../../../docs/configuration.md");
    let (_, table) = document.split_once("\n## Names of other programs\n").unwrap();
    for (name, _, fate) in [APP, SECURITY, CONCERNS, EVERYBODY].into_iter().flatten() {
        let is_own = matches!(fate, Is(key, _) if own_name(key) == *name);
        let is_unknown = matches!(fate, Told("there is no such setting"));
        assert!(is_own || is_unknown || table.contains(&format!("\n| `{name}` |")), "{name}");
    }
}

fn own_name(key: &str) -> String {
    key.to_ascii_uppercase().replace('.', "_")
}
