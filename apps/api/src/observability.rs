//! What is seen of the server: where its logs go, and what it measures.

use std::{io::IsTerminal as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use palisade_telemetry::{
    LogHandle, Logs, Mode, Sampler, log_panics,
    metrics::{LogTelemetry, Off, Registry, Several, Telemetry},
    process,
};

use crate::{failure::Failure, settings::Settings};

/// How long the last log lines may take to be written.
const FLUSH_LIMIT: Duration = Duration::from_secs(2);

/// Where the server's measurements and logs go.
#[derive(Clone)]
pub struct Observability {
    /// Receives what is measured.
    pub telemetry: Arc<dyn Telemetry>,
    /// Holds what is measured, where somebody reads it.
    pub registry: Option<Arc<Registry>>,
    /// Steers the logs, where this program has installed them.
    pub logs: Option<LogHandle>,
}

impl Observability {
    /// Measures nothing and installs nothing: for commands that are over soon.
    #[must_use]
    pub fn off() -> Self {
        Self { telemetry: Arc::new(Off), registry: None, logs: None }
    }

    /// Measures as the settings say, and installs nothing: for programs that install their own logs.
    #[must_use]
    pub fn measuring(settings: &Settings) -> Self {
        let registry = settings.reads_metrics().then(|| Arc::new(Registry::new()));
        let mut receivers: Vec<Arc<dyn Telemetry>> = Vec::new();
        receivers.extend(registry.clone().map(|registry| registry as Arc<dyn Telemetry>));
        if settings.telemetry.has(Mode::Log) {
            receivers.push(Arc::new(LogTelemetry::new(Sampler::new(settings.telemetry.sample_rate))));
        }
        let telemetry: Arc<dyn Telemetry> = match receivers.len() {
            0 => Arc::new(Off),
            _ => Arc::new(Several(receivers)),
        };
        process::measure(&telemetry, env!("CARGO_PKG_VERSION"));
        Self { telemetry, registry, logs: None }
    }

    /// The same for the whole program: its logs go to standard output, and its panics into the logs.
    ///
    /// # Errors
    /// When the logs do not start.
    pub fn install(settings: &Settings) -> Result<Self, Failure> {
        let terminal = std::io::stdout().is_terminal();
        let logs = Logs::install(&settings.log, settings.app.environment, terminal)
            .context("the logs do not start")?;
        log_panics();
        Ok(Self { logs: Some(logs), ..Self::measuring(settings) })
    }

    /// Waits until everything is told, within a bound.
    pub fn flush(&self) {
        if let Some(logs) = &self.logs {
            logs.flush(FLUSH_LIMIT);
        }
    }
}

impl std::fmt::Debug for Observability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observability").field("registry", &self.registry).finish_non_exhaustive()
    }
}
