//! What a running server reads again when it is told to (SIGHUP).

use std::sync::Arc;

use palisade_http::geoip::GeoDatabase;
use palisade_telemetry::LogHandle;
use tokio::task::spawn_blocking;

use crate::{
    failure::Failure,
    log_level,
    program::Program,
    settings::{Loaded, Settings},
};

/// The setting that is put in force without a restart.
const LEVEL: &str = "log.level";

/// The settings of a server, and where to read them again.
pub struct Configuration {
    pub(crate) settings: Settings,
    pub(crate) source: Option<Source>,
}

/// Reads the settings again.
type Read = Arc<dyn Fn() -> Result<Loaded, Failure> + Send + Sync>;

/// Where the settings came from.
pub(crate) struct Source {
    /// As they were when the program started.
    started_with: Loaded,
    read: Read,
}

impl Configuration {
    /// Settings of this process, which are read again from its files with the same `overrides`.
    #[must_use]
    pub fn reloadable(program: Arc<Program>, loaded: Loaded, overrides: Vec<String>) -> Self {
        let settings = loaded.settings.clone();
        let read = Arc::new(move || program.load_settings(&overrides));
        Self { settings, source: Some(Source { started_with: loaded, read }) }
    }
}

impl From<Settings> for Configuration {
    /// Settings that come from nowhere else.
    fn from(settings: Settings) -> Self {
        Self { settings, source: None }
    }
}

/// What can be read again while the server runs, beside its certificates.
pub(crate) struct Reload {
    pub(crate) source: Option<Source>,
    pub(crate) logs: Option<LogHandle>,
    pub(crate) countries: Option<GeoDatabase>,
}

impl Reload {
    /// Reads it again. What cannot be used is logged, and what is in force stays so.
    pub(crate) async fn run(&self) {
        if let Some(countries) = &self.countries {
            countries.reload_and_log().await;
        }
        let Some(source) = &self.source else { return };
        let read = Arc::clone(&source.read);
        match spawn_blocking(move || read()).await {
            Ok(Ok(loaded)) => self.take(source, &loaded),
            Ok(Err(failure)) => tracing::error!(error = %failure, "config.reload_failed"),
            Err(panic) => tracing::error!(error = %panic, "config.reload_failed"),
        }
    }

    /// Puts the level in force, also over one that was set on the management listener, and names what else has changed.
    fn take(&self, source: &Source, loaded: &Loaded) {
        let level = &loaded.settings.log.level;
        if let Some(logs) = self.logs.as_ref().filter(|logs| logs.level() != *level)
            && let Err(error) = log_level::change(logs, level)
        {
            tracing::error!(%error, "config.reload_failed");
            return;
        }
        let changed = loaded.differences(&source.started_with).filter(|key| *key != LEVEL);
        let changed: Vec<&str> = changed.collect();
        match changed.is_empty() {
            true => tracing::info!("config.reloaded"),
            false => tracing::warn!(needs_restart = changed.join(", "), "config.reloaded"),
        }
    }
}
