//! The defaults that depend on other settings, most of them on the environment: what a laptop and production must not
//! share. All in one place.

use std::time::Duration;

use palisade_cache::Backend;
use palisade_core::Secret;

use super::{AppSettings, Settings};

impl Settings {
    /// Whether the documentation pages are served: everywhere but in production.
    #[must_use]
    pub fn docs_enabled(&self) -> bool {
        self.app.docs_enabled.unwrap_or(!self.app.environment.is_production())
    }

    /// Whether `serve` applies pending migrations: in local and test.
    #[must_use]
    pub fn migrate_on_start(&self) -> bool {
        self.database.migrate_on_start.unwrap_or(self.app.environment.is_development())
    }

    /// How long a stopping server still takes new requests, so that load balancers notice: not at all in
    /// local and test, else 5 seconds.
    #[must_use]
    pub fn drain_delay(&self) -> Duration {
        let default = if self.app.environment.is_development() { 0 } else { 5 };
        Duration::from_secs(self.server.drain_delay_seconds.unwrap_or(default))
    }

    /// Whether requests are limited: everywhere but in local and test.
    #[must_use]
    pub fn rate_limit_enabled(&self) -> bool {
        self.rate_limit.enabled.unwrap_or(!self.app.environment.is_development())
    }

    /// Where answers are cached: on Redis where there is one.
    #[must_use]
    pub fn cache_backend(&self) -> Backend {
        let default = if self.redis.url.is_some() { Backend::Redis } else { Backend::Memory };
        self.cache.backend.unwrap_or(default)
    }

    /// Whether answers say that they come from the cache: in local and test.
    #[must_use]
    pub fn shows_cache(&self) -> bool {
        self.cache.enabled && self.app.environment.is_development()
    }

    /// Whether requests and responses are logged whole: where debugging is on.
    #[must_use]
    pub fn logs_requests(&self) -> bool {
        self.request_logging.enabled.unwrap_or_else(|| self.debug())
    }

    /// Whether error bodies may tell causes: never in production.
    #[must_use]
    pub fn debug(&self) -> bool {
        self.app.debug && !self.app.environment.is_production()
    }

    /// The database settings, in which the default SQLite file follows the data directory.
    #[must_use]
    pub fn database(&self) -> palisade_database::Settings {
        let mut database = self.database.clone();
        let untouched = database.url.expose() == palisade_database::Settings::default().url.expose();
        if untouched && self.app.data_dir != AppSettings::default().data_dir {
            database.url = Secret::new(format!("sqlite://{}/palisade.db", self.app.data_dir.display()));
        }
        database
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::Environment;

    use super::*;

    fn within(environment: Environment) -> Settings {
        let mut settings = Settings::default();
        settings.app.environment = environment;
        settings
    }

    #[test]
    fn production_keeps_its_doors_closed() {
        let mut settings = within(Environment::Production);
        settings.app.debug = true;
        assert!(!settings.docs_enabled() && !settings.migrate_on_start() && !settings.debug());
        assert!(settings.security.headers.hsts(settings.app.environment));
        assert_eq!(settings.drain_delay(), Duration::from_secs(5));
        assert!(settings.rate_limit_enabled());
    }

    #[test]
    fn a_laptop_is_ready_at_once_and_stops_at_once() {
        let settings = within(Environment::Local);
        assert!(settings.docs_enabled() && settings.migrate_on_start());
        assert!(!settings.security.headers.hsts(Environment::Local) && !settings.rate_limit_enabled());
        assert_eq!(settings.drain_delay(), Duration::ZERO);
    }

    #[test]
    fn the_default_database_follows_the_data_directory() {
        let mut settings = within(Environment::Local);
        settings.app.data_dir = "/var/lib/palisade".into();
        assert_eq!(settings.database().url.expose(), "sqlite:///var/lib/palisade/palisade.db");
        settings.database.url = Secret::new("sqlite://elsewhere.db");
        assert_eq!(settings.database().url.expose(), "sqlite://elsewhere.db");
    }
}
