//! What handlers take from a request. Each refuses with the catalogue's error and names every field that is
//! wrong; none lets a parser's text through.

#[cfg(feature = "validator")]
mod body;
mod bound;
mod conditions;
mod context;
#[cfg(feature = "validator")]
mod json;
mod later;
#[cfg(feature = "validator")]
mod media_type;
#[cfg(feature = "validator")]
mod pairs;
mod path;
#[cfg(any(feature = "idempotency", feature = "validator"))]
mod payload;
#[cfg(feature = "validator")]
mod query;

#[cfg(feature = "validator")]
pub use body::{Body, FormOrBody};
pub use bound::{BodyBound, DEFAULT_BODY_LIMIT, DEFAULT_JSON_DEPTH};
pub use conditions::{IfMatch, IfNoneMatch, Preconditions};
pub use context::Context;
pub use later::Later;
pub use path::PathId;
#[cfg(feature = "idempotency")]
pub(crate) use payload::read as read_body;
#[cfg(feature = "validator")]
pub use query::Query;
