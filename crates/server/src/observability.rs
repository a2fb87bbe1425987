//! What is seen of the server: where its logs and traces go, and what it measures.

use std::{io::IsTerminal as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use palisade_core::{SystemRandom, Timeline};
use palisade_telemetry::{
    Also, LogHandle, Logs, Masker, Mode, Sampler, Tracer, log_panics,
    metrics::{LogTelemetry, Off, Registry, Several, Telemetry},
    otlp::Otlp,
    process,
    sentry::Sentry,
};

use crate::{facts::Facts, failure::Failure, security_alerts::SecurityAlerts, settings::Settings};

/// How long the last spans, log records and measurements may take to be sent, and the last lines to be written.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);

/// Where the server's measurements, traces and logs go.
#[derive(Clone)]
pub struct Observability {
    /// Receives what is measured.
    pub(crate) telemetry: Arc<dyn Telemetry>,
    /// Holds what is measured, where somebody reads it.
    pub(crate) registry: Option<Arc<Registry>>,
    /// Decides which requests are traced.
    pub(crate) tracer: Tracer,
    /// Watches for what somebody should look at.
    pub(crate) alerts: Option<Arc<SecurityAlerts>>,
    /// Steers the logs, where this program has installed them.
    pub(crate) logs: Option<LogHandle>,
    /// Hides personal data.
    pub(crate) masker: Masker,
    /// Sends it to a collector, where the settings name one.
    otlp: Option<Otlp>,
    /// Sends errors to Sentry, where the settings name a project.
    sentry: Option<Sentry>,
}

impl Observability {
    /// Measures nothing and installs nothing: for commands that are over soon.
    #[must_use]
    pub fn off() -> Self {
        let tracer = Tracer::off(Arc::new(SystemRandom));
        Self {
            telemetry: Arc::new(Off),
            registry: None,
            tracer,
            alerts: None,
            logs: None,
            masker: Masker::default(),
            otlp: None,
            sentry: None,
        }
    }

    /// Measures as the settings say, and installs nothing: for programs that install their own logs.
    #[must_use]
    pub fn measuring(facts: &Facts, settings: &Settings) -> Self {
        let registry = settings.reads_metrics().then(|| Arc::new(Registry::new()));
        if let Some(registry) = &registry {
            registry.declare(facts.metrics());
        }
        let mut receivers: Vec<Arc<dyn Telemetry>> = Vec::new();
        receivers.extend(facts.receivers.iter().cloned());
        receivers.extend(registry.clone().map(|registry| registry as Arc<dyn Telemetry>));
        if settings.telemetry.has(Mode::Log) {
            receivers.push(Arc::new(LogTelemetry::new(Sampler::new(settings.telemetry.sample_rate))));
        }
        let alerts =
            SecurityAlerts::new(&settings.security.alerts, Timeline::steady(&*facts.clock)).map(Arc::new);
        receivers.extend(alerts.clone().map(|alerts| alerts as Arc<dyn Telemetry>));
        let telemetry: Arc<dyn Telemetry> = match receivers.len() {
            0 | 1 => receivers.pop().unwrap_or_else(|| Arc::new(Off)),
            _ => Arc::new(Several(receivers)),
        };
        process::measure(&telemetry, facts.version);
        Self { telemetry, registry, alerts, ..Self::off() }
    }

    /// The same for the whole program: its logs go to standard output and, with its traces, to the collector of the
    /// settings; its panics go into the logs.
    ///
    /// # Errors
    /// When the logs or the export do not start.
    pub fn install(facts: &Facts, settings: &Settings) -> Result<Self, Failure> {
        let measuring = Self::measuring(facts, settings);
        let masker = Masker::new(&settings.log.masking()).context("what is to be masked cannot be read")?;
        let otlp = otlp(facts, settings, &masker, &measuring.telemetry)?;
        let (environment, version) = (settings.app.environment.as_str(), facts.version);
        let sentry =
            Sentry::start(&settings.sentry, environment, version, None, &masker, &measuring.telemetry)
                .context("the export to Sentry does not start")?;
        let mut also = Also::nobody();
        also.otlp.clone_from(&otlp);
        also.sentry.clone_from(&sentry);
        let terminal = std::io::stdout().is_terminal();
        let logs =
            Logs::install(&settings.log, settings.app.environment, terminal, &also, &measuring.telemetry)
                .context("the logs do not start")?;
        log_panics();
        let mut tracer = measuring.tracer.clone();
        if let (Some(otlp), Some(registry)) = (&otlp, &measuring.registry) {
            otlp.export_metrics(Arc::clone(registry)).context("the export of metrics does not start")?;
            tracer = otlp.tracer(settings.telemetry.sample_rate, Arc::new(SystemRandom));
        }
        Ok(Self { logs: Some(logs), masker, otlp, sentry, tracer, ..measuring })
    }

    /// Waits until everything is told, within a bound.
    pub fn close(&self) {
        // At the same time, so that one that hangs takes no time from the other.
        std::thread::scope(|scope| {
            if let Some(sentry) = &self.sentry {
                scope.spawn(|| sentry.close(CLOSE_LIMIT));
            }
            if let Some(otlp) = &self.otlp {
                otlp.close(CLOSE_LIMIT);
            }
        });
        if let Some(logs) = &self.logs {
            logs.flush(CLOSE_LIMIT);
        }
    }
}

/// The export to a collector, where the settings want it.
fn otlp(
    facts: &Facts,
    settings: &Settings,
    masker: &Masker,
    telemetry: &Arc<dyn Telemetry>,
) -> Result<Option<Otlp>, Failure> {
    if !settings.telemetry.has(Mode::Otlp) {
        return Ok(None);
    }
    let otlp = Otlp::start(&settings.otel, &settings.app.name, facts.version, masker, telemetry);
    Ok(Some(otlp.context("the export does not start")?))
}

impl std::fmt::Debug for Observability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observability")
            .field("registry", &self.registry)
            .field("tracer", &self.tracer)
            .field("otlp", &self.otlp)
            .finish_non_exhaustive()
    }
}
