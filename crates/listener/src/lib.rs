//! The network side of an actix-web application: listeners, connections, TLS, start and stop.
//!
//! It runs an application like `actix_web::HttpServer` does, on the same parts, and adds what a public service needs:
//!
//! - answers that actix writes below all middleware (to malformed, oversized or slow requests) get an error body of the
//!   catalogue with a request id, and are logged (`stream`, `bare`, `refusal`);
//! - heads, bodies and the reading of responses have time limits that end connections (`stream`);
//! - pipelined requests are served one at a time, and the size of heads is bounded (`stream/inbound`);
//! - a panic below the application ends its own connection only; it is counted and logged (`panics`);
//! - the number of connections per client is bounded (`clients`);
//! - TLS certificates are renewed while the server runs (`tls`);
//! - several listeners, each with its own application and workers, start and stop together;
//! - it answers while the program is still starting (`deferred`);
//! - it stops in order: drain, finish requests, close, run the stop steps; a second signal stops at once (`lifecycle`).
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
//! do), speak HTTP/2 (a proxy's work), or read settings ([`Options`] is filled by whoever starts it).

mod admission;
mod bare;
mod certificates;
mod clients;
mod config;
mod connections;
mod deferred;
mod exchange;
mod hooks;
mod lifecycle;
mod listener;
mod observed;
mod options;
mod pacing;
mod panics;
mod payload;
mod refusal;
mod running;
mod server;
mod service;
mod signals;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod watched;

pub use clients::ClientLimit;
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
