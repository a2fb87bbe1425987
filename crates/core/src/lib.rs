//! Words every Palisade crate shares: errors and their closed catalogue, ids, clock and randomness,
//! secrets, pages, the caller, and the parsing of outside input. No I/O and no framework.
//!
//! ```
//! use palisade_core::{Error, ErrorKind};
//!
//! fn find(name: &str) -> Result<u32, Error> {
//!     match name {
//!         "answer" => Ok(42),
//!         _ => Err(Error::not_found("No such name").with_reason("names.unknown")),
//!     }
//! }
//!
//! assert_eq!(find("question").unwrap_err().kind(), ErrorKind::NotFound);
//! ```
//!
//! What it deliberately does not do: read the environment, log, know HTTP types, hold global state.

pub mod clock;
pub mod context;
pub mod cursor;
pub mod environment;
pub mod error;
pub mod id;
pub mod input;
mod network;
pub mod page;
mod panic_message;
pub mod prefix;
pub mod principal;
pub mod random;
pub mod retry_after;
#[cfg(feature = "openapi")]
pub mod schema;
pub mod secret;
pub mod timeline;
mod turned_away;
pub mod wait_budget;

#[cfg(feature = "testing")]
pub use clock::ManualClock;
pub use clock::{Clock, SystemClock};
pub use context::{RequestContext, RequestId, TraceContext, TraceState};
pub use cursor::Cursor;
pub use environment::Environment;
pub use error::{Error, ErrorFormat, ErrorKind, FieldError};
pub use id::{Id, Ids, SessionId, UserId};
pub use input::Parse;
pub use network::client_network;
pub use page::{Limit, Page};
pub use panic_message::panic_message;
pub use principal::{Principal, Role, Subject};
#[cfg(feature = "testing")]
pub use random::SeededRandom;
pub use random::{Random, SystemRandom};
pub use secret::Secret;
pub use timeline::{Moment, Timeline};
pub use turned_away::TurnedAway;
pub use wait_budget::WaitBudget;

/// A result whose error is the catalogue's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
