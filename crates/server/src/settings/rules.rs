//! What must hold beyond each value's type, and what production refuses.

use palisade_cache::Strategy;
use palisade_config::{Problems, Rules};
use palisade_core::{
    Environment, Secret,
    secret::{self, WeakSecret, is_placeholder},
};
use palisade_http::{geoip::CountryRules, settings::GeoIpSettings};
use palisade_ratelimit::{Algorithm, Backend};

use palisade_telemetry::mask;

use super::{ManagementSettings, Settings};
use crate::security_alerts::url::check_url;

impl Rules for Settings {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        if let Some(problem) = self.app.prefix_problem() {
            problems.reject("app.api_prefix", problem);
        }
        match self.database.parse_url() {
            Ok(url) => url.notes().iter().for_each(|note| problems.note("database.url", note)),
            Err(problem) => problems.reject("database.url", problem.to_string()),
        }
        match self.redis.parse_url() {
            Ok(address) => {
                let notes = address.iter().flat_map(|address| address.notes());
                notes.for_each(|note| problems.note("redis.url", note));
            }
            Err(problem) => problems.reject("redis.url", problem.to_string()),
        }
        if let Err(problem) = palisade_telemetry::check_level(&self.log.level) {
            problems.reject("log.level", problem.to_string());
        }
        self.check_telemetry(problems);
        if let Err(problem) = self.security.content.layer() {
            problems.reject("security.content_types", problem.to_string());
        }
        if let Some(problem) = self.security.bodies.path_problem() {
            problems.reject("security.body_limits", problem);
        }
        self.check_backends(problems);
        self.check_cache(problems);
        if let Err(problem) = self.retry.check() {
            problems.reject("retry.max_delay_ms", problem.to_string());
        }
        self.check_ports(problems);
        self.check_management(environment, problems);
        self.check_alerts(problems);
        self.check_tls(problems);
        self.check_edge(environment, problems);
        self.check_countries(problems);
        self.check_secrets(environment, problems);
        if environment.is_production() && self.app.debug {
            problems.reject("app.debug", "must be off in production: it shows causes of errors to clients");
        }
    }
}

impl Settings {
    fn check_telemetry(&self, problems: &mut Problems) {
        if let Err(problem) = mask::check(&self.log.masking()) {
            problems.reject("log.mask_patterns", problem.to_string());
        }
        if let Some(problem) = self.telemetry.mode_problem() {
            problems.reject("telemetry.mode", problem);
        }
        if let Err((key, problem)) = self.otel.check() {
            problems.reject(&format!("otel.{key}"), problem.to_string());
        }
        if let Err((key, problem)) = self.sentry.check() {
            problems.reject(&format!("sentry.{key}"), problem.to_string());
        }
    }

    fn check_backends(&self, problems: &mut Problems) {
        if self.rate_limit.backend == Some(Backend::Redis) && self.redis.url.is_none() {
            problems.reject("rate_limit.backend", "needs redis.url (REDIS_URL): which Redis is to count?");
        }
        let limit = &self.rate_limit;
        if limit.lease > 0 && (limit.algorithm != Algorithm::FixedWindow || limit.per_hour > 0) {
            problems.reject(
                "rate_limit.lease",
                "takes rate_limit.algorithm `fixed_window` and rate_limit.per_hour 0: a slice can be taken of nothing \
                 but one fixed window",
            );
        }
    }

    fn check_cache(&self, problems: &mut Problems) {
        if self.cache.backend.is_some_and(palisade_cache::Backend::needs_redis) && self.redis.url.is_none() {
            problems
                .reject("cache.backend", "needs redis.url (REDIS_URL): which Redis is to hold the cache?");
        }
        if let Some(problem) = self.cache.prefix_problem() {
            problems.reject("cache.prefix", problem);
        }
        if self.cache.strategy == Strategy::WriteBehind {
            problems.reject(
                "cache.strategy",
                "cannot be `write_behind`: a user must be in the database before a change is acknowledged; it is \
                 `cache_aside`, `write_through` or `refresh_ahead`",
            );
        }
    }

    fn check_ports(&self, problems: &mut Problems) {
        let one_port = self.server.port == self.management.port && self.server.port != 0;
        if self.management.enabled && one_port && self.server.host == self.management.host {
            problems.reject("management.port", "must differ from server.port");
        }
    }

    fn check_management(&self, environment: Environment, problems: &mut Problems) {
        let management = &self.management;
        if !management.enabled {
            return;
        }
        match &management.token {
            Some(token) if token.expose().len() < ManagementSettings::MIN_TOKEN => problems
                .reject("management.token", "must have at least 16 bytes, such as `openssl rand -hex 16` gives"),
            None if environment.is_production() && !management.is_loopback() => problems.reject(
                "management.token",
                "is required in production where management.host is no loopback address: whoever reaches the listener \
                 reads metrics and turns switches",
            ),
            _ => {}
        }
    }

    fn check_alerts(&self, problems: &mut Problems) {
        let url = self.security.alerts.alert_webhook_url.as_ref().map(Secret::expose);
        if let Some(Err(problem)) = url.map(check_url) {
            problems.reject("security.alert_webhook_url", problem.to_string());
        }
    }

    fn check_tls(&self, problems: &mut Problems) {
        match (&self.server.tls_cert, &self.server.tls_key) {
            (Some(_), None) => problems.reject("server.tls_key", "is required beside server.tls_cert"),
            (None, Some(_)) => problems.reject("server.tls_cert", "is required beside server.tls_key"),
            _ => {}
        }
    }

    fn check_edge(&self, environment: Environment, problems: &mut Problems) {
        if let Some(problem) = self.security.proxies.proxies_problem(environment) {
            problems.reject("security.trusted_proxies", problem);
        }
        if let Err(problem) = self.security.hosts.layer() {
            problems.reject("security.allowed_hosts", problem.to_string());
        }
        if let Err(problem) = self.security.headers.layer(environment) {
            problems.reject("security.csp_policy", problem.to_string());
        }
        if let Err(problem) = self.cors.rules() {
            problems.reject(&format!("cors.{}", problem.field), problem.problem);
        }
    }

    fn check_countries(&self, problems: &mut Problems) {
        let GeoIpSettings { database_path, allowed_countries, blocked_countries, allow_unknown } =
            &self.geoip;
        if let Err(problem) = CountryRules::new(allowed_countries, blocked_countries, *allow_unknown) {
            problems.reject("geoip.blocked_countries", problem.to_string());
        }
        let lists =
            [("geoip.allowed_countries", allowed_countries), ("geoip.blocked_countries", blocked_countries)];
        for (key, _) in lists.iter().filter(|(_, list)| database_path.is_none() && !list.is_empty()) {
            problems.reject(key, "needs geoip.database_path, which tells where addresses are");
        }
    }

    fn check_secrets(&self, environment: Environment, problems: &mut Problems) {
        match self.app.secret.as_ref().map(secret::check) {
            Some(Err(weakness)) if weakness == WeakSecret::TooShort || !environment.is_development() => {
                problems.reject("app.secret", weakness.to_string());
            }
            _ => {}
        }
        if environment.is_development() {
            return;
        }
        let others = [
            ("management.token", &self.management.token),
            ("security.alert_webhook_secret", &self.security.alerts.alert_webhook_secret),
        ];
        for (key, secret) in others {
            if secret.as_ref().is_some_and(|secret| is_placeholder(secret.expose())) {
                problems.reject(key, WeakSecret::FromAnExample.to_string());
            }
        }
    }
}

/// What is said where no signing secret is given and none may be made.
#[must_use]
pub fn missing_secret(environment: Environment) -> String {
    format!("is required in {environment}: 32 random bytes or more, such as `openssl rand -base64 48` gives")
}
