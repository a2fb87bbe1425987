//! A bound on what one client has in flight.

mod clients;

use std::{num::NonZeroU32, time::Duration};

use actix_web::dev::ServiceRequest;
use palisade_core::{Error, ErrorKind, error::Reason};

use crate::{
    Rejection,
    client_address::ClientIp,
    exempt_routes::ExemptRoutes,
    layer::{EarlyResponse, Hook, reject_early},
};
pub use clients::{Clients, InFlight};

/// The name of a refusal by [`SurgeGuard`].
pub const SURGE: Reason = Reason::new(
    "surge.too_many_in_flight",
    ErrorKind::RateLimited,
    "The client has more requests unanswered at once than one client may have.",
);

/// How long a client that is refused is told to wait: the least that the header can say. Its earlier requests
/// need about as long, and unlike a queue for everybody this one is the client's own.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The layer that answers 429 with `Retry-After` to a client that has too many requests in flight, so that no
/// single client takes all of the capacity that [`load_shed`](crate::load_shed) bounds. It is a 429 and not a
/// 503, because nothing is wrong with the server: others are served, and an alert on 5xx should stay silent.
///
/// It counts what a client has unanswered, not how often it asks, which is the rate limiter's work. What waits
/// in the queue of the load shedding counts. [`ExemptRoutes`] routes are let through.
///
/// All workers share one [`Clients`]. An address is that of [`ClientIp`]; of an IPv6 address the first 64 bits
/// count, which is the least that a network is given (RFC 6177 §2).
#[derive(Debug, Clone)]
pub struct SurgeGuard {
    clients: Clients,
    most: NonZeroU32,
    exempt: ExemptRoutes,
    refusal: Rejection,
}

impl SurgeGuard {
    /// Lets each client have at most so many requests in flight, besides those for `exempt` routes.
    #[must_use]
    pub fn new(clients: Clients, most: NonZeroU32, exempt: ExemptRoutes) -> Self {
        let error = Error::new(ErrorKind::RateLimited, "Too many requests at once").with_reason(SURGE.name);
        Self { clients, most, exempt, refusal: error.with_retry_after(RETRY_AFTER).into() }
    }

    /// What the clients have in flight.
    #[must_use]
    pub const fn clients(&self) -> &Clients {
        &self.clients
    }

    fn admit(&self, request: &ServiceRequest) -> Result<Option<InFlight<'_>>, Rejection> {
        match self.clients.enter(ClientIp::of(request.request()).0, self.most) {
            Some(counted) => Ok(Some(counted)),
            None if self.exempt.covers(request) => Ok(None),
            None => Err(self.refusal.clone()),
        }
    }
}

impl Hook for SurgeGuard {
    type Kept<'a> = Option<InFlight<'a>>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<InFlight<'_>>, EarlyResponse> {
        self.admit(request).map_err(|error| reject_early(request, error))
    }
}
