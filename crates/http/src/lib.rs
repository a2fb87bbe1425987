//! The HTTP edge, for any actix-web application: one file and one feature per layer, the extractors, the
//! renderer that gives every failure one body.
//!
//! Each layer works alone; the order that makes them a whole is written in one place of the application.
//!
//! ```
//! # #[cfg(all(feature = "log", feature = "renderer", feature = "request-id"))] {
//! use std::sync::Arc;
//! use actix_web::{App, web};
//! use palisade_core::{ErrorFormat, Ids, SystemClock, SystemRandom};
//! use palisade_http::{Layer, log::RequestLog, renderer::Renderer, request_id::RequestIds};
//!
//! let clock = Arc::new(SystemClock);
//! let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
//! let app = App::new()
//!     .route("/", web::get().to(|| async { "hello" }))
//!     .wrap(Renderer::new(ErrorFormat::Envelope, clock).layered())
//!     .wrap(RequestLog::default().layered())
//!     .wrap(RequestIds::new(ids).layered()); // the last one written meets the request first
//! # let _ = app;
//! # }
//! ```
//!
//! The crate `palisade-openapi` makes the tables of routes from an API document. Without one they are written by hand:
//!
//! ```
//! use actix_web::http::Method;
//! use palisade_http::routes::{Access, RouteTable};
//!
//! let table = RouteTable::default()
//!     .with_public(Method::GET, "/books/{id}")
//!     .with(Method::POST, "/books", Access::Caller(vec!["books:write".to_owned()]));
//! assert_eq!(*table.access(&Method::DELETE, "/books/{id}"), Access::Undeclared);
//! ```
//!
//! What it deliberately does not do: decide who may call what (`palisade-auth` does, by the
//! [`routes::RouteTable`] made here), keep state between requests, or speak HTTP/2 (the proxy's work).

pub mod accept;
pub mod error;
pub mod etag;
pub mod extract;
pub mod fallback;
pub mod head;
pub mod layer;
pub mod page;
pub mod routes;
pub mod settings;
#[cfg(feature = "static-body")]
#[cfg_attr(
    not(feature = "compression"),
    expect(dead_code, reason = "only that layer makes compressed forms")
)]
pub mod static_body;

#[cfg(feature = "access")]
pub mod access;
#[cfg(feature = "limits")]
pub mod body_limit;
#[cfg(feature = "cache-status")]
pub mod cache_status;
#[cfg(feature = "client-address")]
pub mod client_address;
#[cfg(feature = "compression")]
pub mod coders;
#[cfg(feature = "compression")]
pub mod compression;
#[cfg(feature = "content")]
pub mod content;
#[cfg(feature = "cors")]
pub mod cors;
#[cfg(feature = "compression")]
pub mod decompression;
#[cfg(feature = "deprecation")]
pub mod deprecation;
pub mod exempt_routes;
#[cfg(feature = "geoip")]
pub mod geoip;
#[cfg(feature = "idempotency")]
pub mod idempotency;
#[cfg(feature = "load-shed")]
pub mod load_shed;
#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "panic-guard")]
pub mod panic_guard;
#[cfg(feature = "process-time")]
pub mod process_time;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "renderer")]
pub mod renderer;
#[cfg(feature = "request-id")]
pub mod request_id;
#[cfg(feature = "request-logging")]
pub mod request_logging;
#[cfg(feature = "tracing-actix-web")]
pub mod root_span;
#[cfg(feature = "security-headers")]
pub mod security_headers;
#[cfg(feature = "surge-guard")]
pub mod surge_guard;
#[cfg(any(feature = "log", feature = "metrics", feature = "process-time", feature = "rate-limit"))]
#[cfg_attr(
    not(any(feature = "log", feature = "rate-limit")),
    expect(dead_code, reason = "times and statuses alone need no addresses")
)]
mod text;
#[cfg(feature = "timeout")]
pub mod timeout;
#[cfg(feature = "request-id")]
pub mod trace;
#[cfg(feature = "trusted-hosts")]
pub mod trusted_hosts;
#[cfg(any(feature = "compression", feature = "cors", feature = "renderer"))]
mod vary;

#[cfg(any(
    feature = "compression",
    feature = "content",
    feature = "limits",
    feature = "metrics",
    feature = "request-logging"
))]
mod announced;
mod keep_body;
#[cfg(any(
    feature = "log",
    feature = "metrics",
    feature = "rate-limit",
    feature = "request-id",
    feature = "request-logging"
))]
mod logged;
#[cfg(any(
    feature = "log",
    feature = "metrics",
    feature = "panic-guard",
    feature = "renderer",
    feature = "request-id",
    feature = "request-logging",
    feature = "timeout"
))]
#[cfg_attr(
    not(any(feature = "panic-guard", feature = "renderer", feature = "timeout")),
    expect(dead_code, reason = "layers that only observe answer no lost request")
)]
mod snapshot;
#[cfg(any(feature = "cors", feature = "process-time", feature = "request-id", feature = "security-headers"))]
mod stamp;
#[cfg(any(feature = "metrics", feature = "request-logging"))]
mod tee;

pub use error::{Rejection, Result};
pub use etag::ETag;
pub use keep_body::KeepBody;
pub use layer::Layer;
