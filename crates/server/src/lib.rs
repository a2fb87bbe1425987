//! Puts a server together: domains, the layers around their routes, listeners, and the command line.
//!
//! A program is a short list of what it is made of:
//!
//! ```
//! use palisade_server::{Domain, Server};
//!
//! let program = Server::new("books").version("1.0.0").domain(Domain::new("books")).build()?;
//! assert!(program.openapi(&program.default_settings()?).paths.paths.contains_key("/ready"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Server::main`] makes it a command line with `serve`, `migrate`, `config`, `routes` and more; [`Program::serve`] serves
//! it inside another program.
//!
//! The way through the crate: [`Server`] and [`Domain`] (what there is) → `build` (does it fit together?) → [`Program`] →
//! `cli` → [`Settings`] → `parts` (the backends and services) → `pipeline` (the layers) → `serve`.
//!
//! What it deliberately does not do: hold rules of any domain, or know one.

mod banner;
mod base;
mod build;
mod builtin;
mod caching;
mod checks;
mod cli;
mod commands;
mod countries;
mod document;
mod domain;
mod edge;
mod events;
mod exit;
mod factory;
mod facts;
mod failure;
mod foundation;
mod generated;
mod ground;
mod idempotency;
mod limits;
mod listeners;
mod local_secret;
mod log_level;
mod management;
mod meta;
mod migration;
mod no_callers;
mod observability;
mod open_files;
mod parts;
mod pipeline;
mod position;
mod print;
mod program;
mod provider;
mod reload;
mod runtime;
mod security_alerts;
mod serve;
mod server;
mod services;
mod settings;

pub use build::BuildError;
pub use domain::{ApiVersion, Command, CommandContext, Domain, Notice};
pub use exit::Exit;
pub use factory::Factory;
pub use facts::Facts;
pub use failure::Failure;
pub use foundation::Foundation;
pub use generated::Document;
pub use observability::Observability;
pub use open_files::raise as raise_open_files;
pub use position::Position;
pub use print::print;
pub use program::Program;
pub use reload::Configuration;
pub use serve::Ready;
pub use server::Server;
pub use services::{Missing, Need, Services};
pub use settings::{
    AppSettings, LayersSettings, Loaded, ManagementSettings, SecurityAlertsSettings, SecuritySettings,
    ServerSettings, Settings, missing_secret,
};
