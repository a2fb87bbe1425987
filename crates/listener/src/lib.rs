//! The network side of an actix-web application: listeners, connections, TLS, start and stop.
//!
//! It runs an application like `actix_web::HttpServer` does, on the same parts, and adds what a public service needs:
//!
//! - Error responses that actix writes below all middleware (to malformed, oversized or slow requests) get the error
//!   body of the catalogue with a request id, and are logged (`stream`, `actix_error`, `error_response`).
//! - Slow clients are disconnected: request heads, request bodies and reading a response have time limits (`stream`).
//! - Pipelined requests are served one at a time, and the size of a request head is limited (`stream/inbound`).
//! - A panic below the application ends only its own connection. It is counted and logged (`panics`).
//! - The number of connections per client is limited (`client_limit`).
//! - TLS certificates are reloaded while the server runs (`tls`).
//! - Several listeners, each with its own application and workers, start and stop together.
//! - The server answers while the program is still starting (`deferred`).
//! - It shuts down gracefully: drain, finish requests, close, run the stop steps. A second signal stops it at once
//!   (`lifecycle`).
//!
//! ```no_run
//! use std::sync::Arc;
//! use actix_web::{App, web};
//! use palisade_core::{Ids, SystemClock, SystemRandom};
//! use palisade_listener::{Hooks, Listener, Options, Server, Signals, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Arc::new(SystemClock);
//! let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
//! let server = Server::new(Options::default(), clock, ids)
//!     .listen(Listener::bind("api", "127.0.0.1", 8000)?, 2, || App::new().route("/", web::get().to(|| async { "hello" })))?;
//! let ending = serve(server, Signals::from_system()?, Hooks::default()).await?;
//! # Ok(()) }
//! ```
//!
//! What it deliberately does not do: change a request or a response of the application (the layers of `palisade-http`
//! do that), speak HTTP/2 (leave it to a proxy), or read settings (the caller fills [`Options`]).

mod actix_error;
mod admission;
mod certificates;
mod client_limit;
mod config;
mod connection_state;
mod connections;
mod deferred;
mod error_response;
mod hooks;
mod lifecycle;
mod listener;
mod options;
mod pacing;
mod panics;
mod request_body;
mod response_body;
mod running;
mod server;
mod service;
mod signals;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod tracked_application;
mod transport;

pub use client_limit::ClientLimit;
pub use deferred::{ApplicationError, Deferred, DeferredApplication};
pub use hooks::Hooks;
pub use lifecycle::{Ending, StartError, serve, serve_while_starting};
pub use listener::{BindError, Listener};
pub use options::Options;
pub use pacing::RefusalPacing;
pub use running::{Bound, Running};
pub use server::Server;
pub use signals::{SignalHandle, Signals};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError, TlsFile};
