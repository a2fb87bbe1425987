//! What the program tells about itself: structured logs, one clean line per event, and what must not be told.
//!
//! Crates log with the macros of [`tracing`]; the app installs [`Logs`] once. A line is JSON for machines or
//! readable text for a terminal. Whatever a value holds (line breaks, quotes, escape sequences), it can
//! neither break its line nor drive the reader's terminal, and a log reader that stops reading cannot stop
//! the program.
//!
//! ```
//! use palisade_telemetry::{Also, Logs, Settings, critical, metrics::Off};
//! use palisade_core::Environment;
//!
//! let (settings, also) = (Settings::default(), Also::nobody());
//! let logs = Logs::install(&settings, Environment::Production, false, &also, &Off::shared())?;
//! tracing::info!(user = "ann\nroot", duration_ms = 1.5, "user.created");
//! critical!(backend = "redis", "cache.lost");
//! logs.set_level("debug")?;
//! assert!(logs.set_level("loud").is_err());
//! logs.flush(std::time::Duration::from_secs(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Personal data and credentials in messages and values are [masked](mask). That is the second line of defence: a
//! secret is a [`palisade_core::Secret`] and a personal value a [`Pii`], which show themselves masked.
//!
//! What it deliberately does not do: it does not rotate files (the platform collects standard output).

mod alert;
pub mod correlation;
#[cfg(any(feature = "otlp", feature = "sentry"))]
mod export;
#[cfg(feature = "logs")]
mod logs;
#[cfg(feature = "mask")]
pub mod mask;
#[cfg(feature = "opentelemetry-meter")]
pub mod meter;
pub mod metrics;
#[cfg(feature = "otlp")]
pub mod otlp;
mod panics;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "prometheus")]
pub mod prometheus;
#[cfg(feature = "prometheus-registry")]
pub mod prometheus_registry;
mod sampler;
#[cfg(feature = "sentry")]
pub mod sentry;
#[cfg(feature = "logs")]
mod settings;
mod trace_span;
pub mod tracer;

#[cfg(feature = "logs")]
pub use logs::{Also, InstallError, LevelError, LogHandle, Logs, check_level};
#[cfg(feature = "mask")]
pub use mask::{Masker, Pii};
pub use panics::log_panics;
pub use sampler::Sampler;
#[cfg(feature = "logs")]
pub use settings::{Format, Mode, Settings, TelemetrySettings};
pub use tracer::{Traced, Tracer};

/// What telemetry measures of itself, and what it counts for every domain.
pub const METRICS: &[&[metrics::Declaration]] = &[
    &[metrics::OVERFLOW],
    metrics::Common::DECLARED,
    #[cfg(feature = "logs")]
    logs::METRICS,
    #[cfg(any(feature = "otlp", feature = "sentry"))]
    export::METRICS,
];

/// For [`critical!`], so that its callers need no dependency of their own.
#[doc(hidden)]
pub use tracing;
