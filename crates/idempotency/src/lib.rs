//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a client that does not know whether its request
//! was carried out sends it again under the same key, and gets the first answer instead of a second effect.
//!
//! [`Idempotency`] has the rules; where answers are kept is an [`IdempotencyStore`]. Nothing here knows HTTP types:
//! `palisade_http::idempotency` is the layer.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use palisade_core::{SystemClock, SystemRandom};
//! use palisade_idempotency::{
//!     StoredResponse, Begun, Caller, FingerprintKey, Idempotency, IdempotencyKey, MemoryIdempotencyStore, IdempotencyParts, Request,
//! };
//! use palisade_telemetry::metrics::Off;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), palisade_idempotency::Error> {
//! let idempotency = Idempotency::new(IdempotencyParts {
//!     store: Arc::new(MemoryIdempotencyStore::new(64 << 20)),
//!     clock: Arc::new(SystemClock),
//!     random: Arc::new(SystemRandom),
//!     fingerprints: FingerprintKey::generate(&SystemRandom),
//!     ttl: Duration::from_secs(86_400),
//!     lease: Duration::from_secs(60),
//!     telemetry: Off::shared(),
//! });
//! let key: IdempotencyKey = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse()?;
//! let caller = Caller::Client([192, 0, 2, 1].into());
//! let content: &[&[u8]] = &[b"{\"item\": 7}"];
//! let request = Request { caller, principal: None, method: "POST", path: "/orders", key: &key, content };
//!
//! let Begun::First(ticket) = idempotency.begin(&request).await? else { panic!("the key is new") };
//! ticket.keep(&StoredResponse { status: 201, headers: Vec::new(), body: "made".into(), about: None }).await;
//!
//! let Begun::Again(answer) = idempotency.begin(&request).await? else { panic!("the key is known") };
//! assert_eq!((answer.status, &answer.body[..]), (201, &b"made"[..]));
//! # Ok(())
//! # }
//! ```
//!
//! What it deliberately does not do: make the effect and the kept answer one transaction. A process that dies
//! between the two leaves a key that says "in progress" until its lease ends; the request is then carried out anew.

mod answer;
mod error;
mod fingerprint;
mod key;
mod metrics;
mod rights;
mod service;
mod settings;
mod slot;
mod store;

#[cfg(feature = "testing")]
pub mod conformance;

pub use answer::StoredResponse;
pub use error::{Error, REASONS, Result};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use key::IdempotencyKey;
pub use metrics::METRICS;
pub use rights::Rights;
pub use service::{Begun, Idempotency, IdempotencyParts, Request, Ticket};
pub use settings::{Backend, Settings};
pub use slot::{Caller, Slot};
pub use store::{Claim, Claimed, IdempotencyStore, MemoryIdempotencyStore, Owner, Record};
#[cfg(feature = "sql")]
pub use store::{MIGRATIONS, SqlIdempotencyStore};
