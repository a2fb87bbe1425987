//! One line for each request.

mod line;

use std::{sync::Arc, time::Duration};

use actix_web::dev::ServiceRequest;

use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    routes::RouteTable,
    snapshot::RequestSnapshot,
};
use line::Line;

/// The layer that logs each request when it is done, as one event `http.request` with method, route, status,
/// duration, client address and country, request id and trace id; of a 429 also the policy that was exceeded. A 5xx is an ERROR; a refusal (401, 403, 429, and
/// a 503 that has a reason and no cause) and a 5xx that the route promises ([`KeepBody`](crate::KeepBody)) are WARN;
/// the rest is INFO. A request whose client
/// goes away before it is answered is logged with `aborted`. The route is the pattern that matched, never the
/// path, which may hold secrets and has no bounded number of values.
///
/// The start of a request is logged as DEBUG.
#[derive(Debug, Clone, Default)]
pub struct RequestLog {
    routes: Option<Arc<RouteTable>>,
    slow_after: Option<Duration>,
}

impl RequestLog {
    /// The same, telling of a request that takes longer as `slow`, and of one that succeeds as WARN.
    #[must_use]
    pub fn slow_after(self, limit: Duration) -> Self {
        Self { slow_after: Some(limit), ..self }
    }

    /// The same, finding in `table` the route of a request that was lost with its handler.
    #[must_use]
    pub fn with_routes(self, table: Arc<RouteTable>) -> Self {
        Self { routes: Some(table), ..self }
    }
}

impl Hook for RequestLog {
    type Kept<'a> = Line<'a>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Line<'_>, EarlyResponse> {
        Ok(Line::begin(self, RequestSnapshot::of(request)))
    }

    fn after(&self, line: Line<'_>, outcome: Outcome) -> Outcome {
        match &outcome {
            Ok(response) => line.answered(response),
            Err(error) => line.failed(error),
        }
        outcome
    }
}
