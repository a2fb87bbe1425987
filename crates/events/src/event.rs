//! What has happened, in a domain's words.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use palisade_core::{Error, RequestContext, Result};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The largest event, in bytes of JSON. What is larger belongs in a table, and the event names it.
pub const MAX_EVENT_BYTES: usize = 65_536;

/// Something that has happened, such as `user.created`.
///
/// A domain that hears of it needs no dependency on the one that tells: it declares a type of its own with the same `NAME`
/// and those members that it wants. So an event only ever gains members, and persons are in it by their id alone.
///
/// ```
/// use palisade_events::Event;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct OrderPaid {
///     order_id: String,
///     cents: i64,
/// }
///
/// impl Event for OrderPaid {
///     const NAME: &'static str = "order.paid";
/// }
/// ```
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name, `noun.past_participle` in lower case, at most 100 bytes.
    const NAME: &'static str;
}

/// An event that was recorded in a unit of work.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) id: Uuid,
    pub(crate) name: Arc<str>,
    /// JSON.
    pub(crate) payload: Arc<str>,
    pub(crate) recorded_at: DateTime<Utc>,
    /// The request that it was recorded for.
    pub(crate) request: Option<RequestContext>,
}

impl Recorded {
    /// The event as a subscriber's type.
    ///
    /// # Errors
    /// When that type cannot be read from it: a fault of the subscriber.
    pub(crate) fn read<E: Event>(&self) -> Result<E> {
        serde_json::from_str(&self.payload).map_err(Error::internal)
    }
}

/// The event as JSON.
///
/// # Errors
/// When it cannot be written, or is too large: a fault of the domain that tells.
pub(crate) fn written<E: Event>(event: &E) -> Result<Arc<str>> {
    let text = serde_json::to_string(event).map_err(Error::internal)?;
    if text.len() > MAX_EVENT_BYTES {
        return Err(Error::internal(format!("the event {} has more than {MAX_EVENT_BYTES} bytes", E::NAME)));
    }
    Ok(text.into())
}
