//! The settings of a server: one struct that gathers the crates' sections, with those of the program's domains beside
//! them.

mod app;
mod by_environment;
mod layers;
mod listener;
mod management;
mod rules;
mod security;
mod source;

use palisade_config::{Capture, Layout, Named, SectionSettings, Sections, Sources};
use palisade_http::settings::{
    CompressionSettings, CorsSettings, ErrorsSettings, GeoIpSettings, RequestLoggingSettings,
};
use palisade_resilience::{CircuitBreakerSettings, RetrySettings, client::UpstreamOptions};
use palisade_telemetry::{Mode, TelemetrySettings, otlp::OtlpSettings, sentry::SentrySettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
pub use app::AppSettings;
pub use layers::LayersSettings;
pub use listener::ServerSettings;
pub use management::ManagementSettings;
pub use rules::missing_secret;
pub use security::{SecurityAlertsSettings, SecuritySettings};
pub(crate) use source::SettingsSource;

/// The settings of the server, section by section.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What the program is and where it runs.
    pub app: AppSettings,
    /// The public listener.
    pub server: ServerSettings,
    /// The management listener.
    pub management: ManagementSettings,
    /// Logs.
    pub log: palisade_telemetry::Settings,
    /// Where measurements and traces go.
    pub telemetry: TelemetrySettings,
    /// The export to an OpenTelemetry collector.
    pub otel: OtlpSettings,
    /// The export of errors to Sentry.
    pub sentry: SentrySettings,
    /// Requests and responses in the log, whole.
    pub request_logging: RequestLoggingSettings,
    /// The database.
    pub database: palisade_database::Settings,
    /// Domain events, on their way to those who hear of them after the commit.
    pub events: palisade_events::Settings,
    /// What the replicas share beside the database.
    pub redis: palisade_redis::Settings,
    /// What is kept at hand.
    pub cache: palisade_cache::Settings,
    /// When a service that keeps failing is left alone.
    pub circuit_breaker: CircuitBreakerSettings,
    /// How a call to a service that failed is made again.
    pub retry: RetrySettings,
    /// The form of error bodies.
    pub errors: ErrorsSettings,
    /// Which layers a request passes through.
    pub layers: LayersSettings,
    /// Compressed responses.
    pub compression: CompressionSettings,
    /// Which pages of other origins may call the API from a browser.
    pub cors: CorsSettings,
    /// What the edge refuses.
    pub security: SecuritySettings,
    /// Requests that are sent again.
    pub idempotency: palisade_idempotency::Settings,
    /// How often a client may come.
    pub rate_limit: palisade_ratelimit::Settings,
    /// Countries let in or kept out.
    pub geoip: GeoIpSettings,
    /// The sections of the program's domains.
    #[serde(skip)]
    #[schemars(skip)]
    sections: Sections,
}

impl Settings {
    /// The section of this type, which a domain has brought.
    ///
    /// # Errors
    /// When no domain of the program has it.
    pub fn section<S: SectionSettings>(&self) -> Result<&S, Failure> {
        self.sections.get().ok_or_else(|| {
            let name = std::any::type_name::<S>();
            Failure::Configuration(format!("no domain of this program has the settings section `{name}`"))
        })
    }

    /// The items of this type, by the names that the operator chose. A domain has brought them by
    /// [`Domain::named_settings`](crate::Domain::named_settings).
    ///
    /// # Errors
    /// When no domain of the program has such items.
    pub fn named<S: SectionSettings>(&self) -> Result<&Named<S>, Failure> {
        self.section()
    }

    /// Changes the section of this type. Returns whether a domain has it.
    pub fn update_section<S: SectionSettings>(&mut self, change: impl FnOnce(&mut S)) -> bool {
        self.sections.update(change)
    }

    pub(crate) fn with_sections(self, sections: Sections) -> Self {
        Self { sections, ..self }
    }

    /// Threads that serve the public API.
    #[must_use]
    pub fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.server.workers.unwrap_or_else(cores)
    }

    /// Whether anything is measured.
    #[must_use]
    pub fn measures(&self) -> bool {
        let somebody_receives = self.telemetry.mode.iter().any(|mode| *mode != Mode::Off);
        somebody_receives || self.security.alerts.alert_webhook_url.is_some()
    }

    /// Whether what is measured is kept for somebody who reads it.
    #[must_use]
    pub fn reads_metrics(&self) -> bool {
        self.telemetry.has(Mode::Prometheus) || self.telemetry.has(Mode::Otlp)
    }

    /// How a domain asks a service outside, unless it knows better: with this breaker and these retries, on the public
    /// internet only.
    #[must_use]
    pub fn upstream_options(&self) -> UpstreamOptions {
        UpstreamOptions {
            breaker: self.circuit_breaker.policy(),
            retry: self.retry.clone(),
            ..UpstreamOptions::default()
        }
    }
}

/// Settings as loaded, with where each came from.
pub type Loaded = palisade_config::Loaded<Settings>;

/// Loads the settings of this process: its environment, the files in its working directory, `sources` of the program's own,
/// and `overrides` (`key=value`) from the command line.
pub(crate) fn load(
    layout: &Layout<Settings>,
    sources: &[SettingsSource],
    overrides: &[String],
) -> Result<Loaded, Failure> {
    let all = Sources::new(Capture::from_process()).in_directory(".");
    let all = sources.iter().fold(all, |all, source| source.add_to(all));
    let all = overrides.iter().fold(all, |all, assignment| all.set(assignment));
    let mut loaded = layout.load(&all).map_err(|report| Failure::Configuration(report.to_string()))?;
    loaded.settings = loaded.settings.with_sections(loaded.sections.clone());
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_domain_asks_with_the_breaker_and_the_retries_of_the_settings() {
        let mut settings = Settings::default();
        settings.circuit_breaker.recovery_timeout_seconds = 7;
        settings.retry.max_attempts = 2;
        let options = settings.upstream_options();
        assert_eq!(options.breaker.recovery(), Duration::from_secs(7));
        assert_eq!(options.retry.max_attempts, 2);
    }
}
