//! Is the program well, and may traffic come? Crates register checks; one registry runs them and reports.
//!
//! A [`Check`] asks one part (the database, Redis) whether it works. The [`Registry`] runs all of them at
//! once, each within a time limit, and keeps the [`Report`] for a moment, so that a thousand probes cost one
//! run. [`Lifecycle`] says whether the program is starting, ready or draining.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use palisade_core::SystemClock;
//! use palisade_health::{Check, CheckError, Registry, Status};
//! use palisade_telemetry::metrics::Off;
//!
//! struct Disk;
//!
//! #[async_trait::async_trait]
//! impl Check for Disk {
//!     fn name(&self) -> &str { "disk" }
//!     fn critical(&self) -> bool { true }
//!     async fn check(&self) -> Result<(), CheckError> { Ok(()) }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let (timeout, cache_for) = (Duration::from_secs(2), Duration::from_secs(1));
//! let mut registry = Registry::new(Arc::new(SystemClock), timeout, cache_for, &Off::shared());
//! registry.register(Arc::new(Disk));
//! assert_eq!(registry.report().await.status(), Status::Ok);
//! # }
//! ```
//!
//! Module `routes` (feature `http`) answers probes in an actix-web application: `.configure(palisade_health::routes::plain)`
//! in one without an API document, `configure` in one with it (feature `openapi`).
//!
//! What it deliberately does not do: it mends nothing, keeps no history, and tells an outsider no more than
//! the name of a part and whether it works; the cause goes to the log.

mod check;
mod lifecycle;
mod metrics;
mod registry;
mod report;
#[cfg(feature = "http")]
pub mod routes;
mod watch;

pub use check::{Check, CheckError};
pub use lifecycle::{Lifecycle, Phase};
pub use metrics::METRICS;
pub use registry::Registry;
pub use report::{Report, Status};
pub use watch::Watch;
