//! A bound on the requests that are being answered at once, and on those that wait for it.

mod capacity;

use std::{num::NonZeroU32, time::Duration};

use actix_web::{HttpMessage as _, dev::ServiceRequest};
use palisade_core::{Error, ErrorKind, TurnedAway, error::Reason};

use crate::{
    Layer, Rejection,
    exempt_routes::ExemptRoutes,
    layer::{Next, Outcome, refuse},
};
pub use capacity::{Capacity, Permit};

/// The name of a refusal by [`LoadShed`].
pub const SHED: Reason = Reason::new(
    "load.shed",
    ErrorKind::ServiceUnavailable,
    "The server is working on as many requests as it takes on, and this one waited in vain for its turn.",
);

/// How much is taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most requests that are being answered at once.
    pub in_flight: NonZeroU32,
    /// The most requests that wait for one of those to be done.
    pub queued: u32,
    /// The longest that a request waits.
    pub patience: Duration,
}

/// The layer that answers 503 with `Retry-After` when there is more to do than the server takes on. What it
/// takes on is finished at the usual speed, instead of everything becoming slower until every client gives up.
///
/// All workers share one [`Capacity`]. Requests that find it used up wait in the order of their arrival, for a
/// bounded time. Serving the newest first would shorten the waits that end well, but would let whoever sends
/// the most push everybody else out of the queue; the short patience is what keeps the queue from standing.
///
/// A request is in flight until its response begins, and not while a body is sent: how long that takes is the
/// reader's decision, and slow readers must not use up the capacity. They are bounded as connections are.
/// Whoever goes away before has left at that moment, from the queue too.
///
/// A request that the listener has [turned away](TurnedAway) is refused too.
///
/// [`ExemptRoutes`] routes are let through when everything is full. While nothing is, this layer costs one atomic
/// operation before and one after the request: no lock, no allocation, no look-up of the route.
#[derive(Debug, Clone)]
pub struct LoadShed {
    capacity: Capacity,
    exempt: ExemptRoutes,
    /// For the first client that is refused, the second, and so on in turn.
    refusals: [Rejection; 3],
}

impl LoadShed {
    /// Takes on as much as `capacity` has, and every request for a route that is `exempt`.
    #[must_use]
    pub fn new(capacity: Capacity, exempt: ExemptRoutes) -> Self {
        Self { capacity, exempt, refusals: [1, 2, 3].map(refusal) }
    }

    /// What it takes on, and how much of it is taken.
    #[must_use]
    pub const fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// What happens when there is no capacity at once.
    #[cold]
    async fn wait(&self, request: &ServiceRequest) -> Result<Option<Permit<'_>>, Rejection> {
        if self.exempt.covers(request) {
            return Ok(None);
        }
        match self.capacity.wait().await {
            Some(permit) => Ok(Some(permit)),
            None => Err(self.next_refusal()),
        }
    }

    /// Clients that are all told the same would all come back together.
    fn next_refusal(&self) -> Rejection {
        let [first, second, third] = &self.refusals;
        match self.capacity.shed() % 3 {
            0 => first,
            1 => second,
            _ => third,
        }
        .clone()
    }
}

impl Layer for LoadShed {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        if request.extensions().contains::<TurnedAway>() && !self.exempt.covers(&request) {
            self.capacity.count_refused();
            return refuse(request, self.next_refusal());
        }
        let permit = match self.capacity.take() {
            Some(permit) => Some(permit),
            None => match self.wait(&request).await {
                Ok(permit) => permit,
                Err(refusal) => return refuse(request, refusal),
            },
        };
        let outcome = next.call(request).await;
        drop(permit);
        outcome
    }
}

fn refusal(seconds: u64) -> Rejection {
    let error = Error::unavailable("The server has more to do than it can", Duration::from_secs(seconds));
    error.with_reason(SHED.name).into()
}
