//! An event on its way to one subscriber.

use chrono::{DateTime, Utc};
use palisade_core::RequestId;
use uuid::Uuid;

use crate::event::Recorded;

/// An event, for a subscriber that hears of it after the commit.
#[derive(Debug, Clone)]
pub struct Delivery<E> {
    /// What has happened.
    pub event: E,
    /// Names the event. It stays the same when the delivery is repeated, so that what was done for it can be found.
    pub event_id: Uuid,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The request that it was recorded for.
    pub request_id: Option<RequestId>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Whether it comes from the process that recorded it, right after the commit. What that process has done by
    /// [`UnitOfWork::after_commit`](crate::UnitOfWork::after_commit) is done then.
    pub is_first_hand: bool,
}

/// An event that one subscriber has not heard of yet.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    #[cfg(feature = "sql")]
    pub(crate) id: Uuid,
    pub(crate) subscriber: &'static str,
    pub(crate) recorded: Recorded,
    pub(crate) attempt: u32,
    pub(crate) is_first_hand: bool,
    /// Until when nobody else delivers it; `None` where nobody else could.
    #[cfg(feature = "sql")]
    pub(crate) leased_until: Option<DateTime<Utc>>,
}

impl Job {
    pub(crate) fn delivery<E>(&self, event: E) -> Delivery<E> {
        Delivery {
            event,
            event_id: self.recorded.id,
            recorded_at: self.recorded.recorded_at,
            request_id: self.recorded.request.as_ref().map(|request| request.request_id.clone()),
            attempt: self.attempt,
            is_first_hand: self.is_first_hand,
        }
    }
}
