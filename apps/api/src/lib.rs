//! The Palisade server as a library: what `main` runs, tests and other programs can run too.
//!
//! ```no_run
//! use palisade_api::{observability::Observability, server::serve, settings::Settings};
//! use palisade_http::server::Signals;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut settings = Settings::default();
//! settings.server.port = 0;
//! let (stop, signals) = Signals::from_handle();
//! let observability = Observability::measuring(&settings);
//! actix_rt::System::new().block_on(serve(settings, observability, signals, move |ready| {
//!     println!("serving on {}", ready.api);
//!     stop.stop();
//! }))?;
//! # Ok(())
//! # }
//! ```
//!
//! The way through it: `main` → [`cli`] → [`settings`] → [`compose`] (the parts) → [`pipeline`] (the layers) →
//! [`server`]. [`domains`] lists the domain crates.
//!
//! What it deliberately does not do: hold rules of any domain.

pub mod banner;
pub mod base;
pub mod cli;
pub mod compose;
pub mod countries;
pub mod domains;
pub mod edge;
pub mod exit;
pub mod failure;
pub mod first_admin;
pub mod foundation;
pub mod generated;
pub mod idempotency;
pub mod limits;
pub mod local_secret;
pub mod observability;
pub mod open_files;
pub mod pipeline;
pub mod reload;
pub mod security_alerts;
pub mod server;
pub mod settings;

mod caching;
mod checks;
mod listeners;
mod log_level;
mod management;
mod meta;

pub use pipeline::create_app;
pub use server::serve;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
