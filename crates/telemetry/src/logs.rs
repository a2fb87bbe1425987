//! Logs: from a [`tracing`] event to a line on standard output.
//!
//! `level` decides which events pass, `layer` gathers an event's `fields`, `hidden` masks them, `line` lays them out through
//! `json` or `console`, and `queue` brings the line to its reader without making the program wait. `also` says who else
//! receives what is logged.

mod also;
mod console;
mod counts;
mod fields;
mod hidden;
mod json;
mod layer;
mod level;
mod line;
mod queue;
mod stamp;
mod value;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use palisade_core::Environment;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_log::{AsLog, LogTracer};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt as _, reload};

use crate::{
    Settings,
    mask::{MaskError, Masker},
    metrics::{Declaration, Telemetry},
};
pub use also::Also;
use counts::Counts;
#[cfg(any(feature = "otlp", feature = "sentry"))]
pub(crate) use fields::{Each, TakeFields};
#[cfg(any(feature = "otlp", feature = "sentry"))]
pub(crate) use hidden::Hider;
use layer::Lines;
pub use level::{LevelError, check_level};
use line::Layout;
use queue::Queue;
#[cfg(feature = "otlp")]
pub(crate) use value::MAX_TEXT;
#[cfg(any(feature = "otlp", feature = "sentry"))]
pub(crate) use value::{Chain, Value};

crate::metrics! {
    /// What the logs measure of themselves.
    struct Metrics {
        /// Lines that were logged, by level: `error`, `warn`, `info`, `debug`, `trace`, `critical`.
        lines: Counter["level"] = "log_lines_total",
        /// Lines that were lost because whoever reads them was too slow.
        dropped: Counter[] = "log_lines_dropped_total",
    }
}

/// What the logs measure of themselves.
pub(crate) const METRICS: &[Declaration] = Metrics::DECLARED;

/// Starts the program's logs.
#[derive(Debug)]
pub struct Logs;

impl Logs {
    /// Makes every event of this program, and every record of the `log` crate, a line on standard output, and has them
    /// received by whoever `also` names. How many there are, and how many are lost, is measured by `telemetry`.
    ///
    /// # Errors
    /// When the level or a pattern to mask is not understood, or when something else already receives the events.
    pub fn install(
        settings: &Settings,
        environment: Environment,
        is_terminal: bool,
        also: &Also,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<LogHandle, InstallError> {
        let layout = Layout::new(settings, environment, is_terminal);
        let (lines, handle) = Self::build(settings, layout, Box::new(io::stdout()), also)?;
        also.install(lines).map_err(|_| InstallError::AlreadyInstalled)?;
        LogTracer::builder()
            .with_max_level(LevelFilter::current().as_log())
            .init()
            .map_err(|_| InstallError::AlreadyInstalled)?;
        handle.measure(telemetry);
        Ok(handle)
    }

    /// The same without installing it, with the lines going to `writer`: for tests and for programs that
    /// put their own subscriber together.
    ///
    /// # Errors
    /// When the level or a pattern to mask is not understood.
    pub fn to_writer(
        settings: &Settings,
        environment: Environment,
        is_terminal: bool,
        writer: impl Write + Send + 'static,
    ) -> Result<(impl Subscriber + Send + Sync, LogHandle), InstallError> {
        let layout = Layout::new(settings, environment, is_terminal);
        let (lines, handle) = Self::build(settings, layout, Box::new(writer), &Also::nobody())?;
        Ok((tracing_subscriber::registry().with(lines), handle))
    }

    fn build(
        settings: &Settings,
        layout: Layout,
        writer: Box<dyn Write + Send>,
        also: &Also,
    ) -> Result<(impl Layer<Registry> + Send + Sync + use<>, LogHandle), InstallError> {
        let (filter, reload) = reload::Layer::new(level::filter(&settings.level)?);
        let masker = Masker::new(&settings.masking())?;
        let queue = Queue::start(writer).map_err(InstallError::Thread)?;
        let counts = Arc::new(Counts::default());
        let lines = Lines::new(layout, masker, queue.clone(), Arc::clone(&counts));
        let lines = also.events(lines).with_filter(filter);
        let level = Arc::new(Mutex::new(settings.level.clone()));
        Ok((lines, LogHandle { level, reload, queue, counts }))
    }
}

/// Why the logs did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The level is not understood.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// What is to be masked is not understood.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// Something else already receives the events of this program.
    #[error("logs are installed already")]
    AlreadyInstalled,
    /// The operating system gave no thread to write with.
    #[error("no thread to write logs with")]
    Thread(#[source] io::Error),
}

/// Steers the logs while the program runs.
#[derive(Clone)]
pub struct LogHandle {
    level: Arc<Mutex<String>>,
    reload: reload::Handle<EnvFilter, Registry>,
    queue: Arc<Queue>,
    counts: Arc<Counts>,
}

impl LogHandle {
    /// Has lines measured each time before metrics are read: how many there were, and how many were lost.
    fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        let (metrics, counts, queue) =
            (Metrics::new(telemetry), Arc::clone(&self.counts), Arc::clone(&self.queue));
        telemetry.before_reading(Box::new(move || {
            for (level, count) in counts.read() {
                metrics.lines.with([level]).total(count);
            }
            metrics.dropped.with([]).total(queue.lost_in_all());
        }));
    }

    /// The present level, or filter directives, as last set.
    #[must_use]
    pub fn level(&self) -> String {
        self.level.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the level from the next event on.
    ///
    /// # Errors
    /// When the level is not understood; the present one then stays.
    pub fn set_level(&self, level: &str) -> Result<(), LevelError> {
        let filter = level::filter(level)?;
        let mut present = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        self.reload.reload(filter).map_err(|_| LevelError::gone())?;
        tracing_log::log::set_max_level(LevelFilter::current().as_log());
        level.clone_into(&mut present);
        Ok(())
    }

    /// Waits until every line so far is written, at most for `limit`. Whether they are.
    pub fn flush(&self, limit: Duration) -> bool {
        self.queue.flush(limit)
    }
}

impl std::fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogHandle").field("level", &self.level()).finish_non_exhaustive()
    }
}
