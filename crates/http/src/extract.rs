//! What handlers take from a request. Each refuses with the catalogue's error and names every field that is
//! wrong; none lets a parser's text through.

mod body;
mod conditions;
mod context;
mod json;
mod later;
mod media_type;
mod pairs;
mod path;
mod payload;
mod query;

pub use body::{Body, FormOrBody};
pub use conditions::{IfMatch, IfNoneMatch, Preconditions};
pub use context::Context;
pub use later::Later;
pub use path::PathId;
#[cfg(feature = "idempotency")]
pub(crate) use payload::read as read_body;
pub use payload::{BodyBound, DEFAULT_BODY_LIMIT, DEFAULT_JSON_DEPTH};
pub use query::Query;
