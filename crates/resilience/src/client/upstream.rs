//! One service that is asked.

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Clock;
use palisade_telemetry::{correlation, trace_span};
use tracing::{Instrument as _, Span, field::Empty};

use super::{
    Error, Limits, Snapshot,
    counters::{Counters, Outcome},
    exchange::exchange,
    guard::Guard,
    request::Request,
    response::Response,
    setback::Setback,
};
use crate::{Breaker, Policy, State};

/// One service that is asked, with its own connections, policy and counters: what happens to one upstream is not felt
/// by the callers of another. Cloning is cheap; all clones are one upstream.
#[derive(Clone)]
pub struct Upstream(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) name: Arc<str>,
    /// Of this upstream alone: a connection that one guard lets through must not serve the requests of another.
    pub(super) connections: reqwest::Client,
    pub(super) guard: Arc<Guard>,
    pub(super) limits: Limits,
    /// For what may be repeated.
    pub(super) repeating: Policy,
    /// For what may not: with the same breaker and bulkhead, and no retries.
    pub(super) once: Policy,
    pub(super) longest_wait: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) counters: Counters,
}

impl Upstream {
    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Sends a request, again if it fails and may be repeated, and reads the whole answer. An answer of any status is
    /// `Ok`: see [`Response::success`].
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let running = self.0.counters.begin();
        let origin = request.url.origin();
        let span = trace_span!(
            "http_client",
            otel.name = request.method.as_str(),
            otel.kind = "client",
            otel.status_code = Empty,
            upstream = self.name(),
            "http.request.method" = request.method.as_str(),
            "server.address" = request.url.host_str(),
            "http.response.status_code" = Empty,
            "error.type" = Empty,
        );
        let request = request.purified().within(correlation::outgoing(&span).as_ref());
        let result = self.call(request).instrument(span.clone()).await;
        tell(&span, &result);
        running.ended(&result);
        if let Err(Error::Refused(refusal)) = &result {
            let origin = origin.ascii_serialization();
            tracing::warn!(upstream = self.name(), origin, %refusal, "http_client.refused");
        }
        result
    }

    /// The breaker before it.
    #[must_use]
    pub fn breaker(&self) -> Option<&Breaker> {
        self.0.once.breaker()
    }

    /// How it has been doing.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let inner = &self.0;
        let (repeating, once) = (inner.repeating.counters(), inner.once.counters());
        Snapshot {
            upstream: Arc::clone(&inner.name),
            calls: inner.counters.read(),
            attempts: repeating.attempts + once.attempts,
            retries: repeating.retries + once.retries,
            in_flight: inner.once.bulkhead().map_or(0, |bulkhead| bulkhead.counters().in_flight),
            state: inner.once.breaker().map_or(State::Closed, |breaker| breaker.state()),
        }
    }

    async fn call(&self, request: Request) -> Result<Response, Error> {
        let Inner { connections, guard, limits, longest_wait, clock, .. } = &*self.0;
        // Before the policy: what is not sent says nothing of the upstream.
        guard.check_url(&request.url)?;
        let policy = if request.may_be_repeated() { &self.0.repeating } else { &self.0.once };
        let attempt = || async { Setback::of(exchange(connections, guard, *limits, request.clone()).await) };
        let classify = |setback: &Setback| setback.verdict(clock.now(), *longest_wait);
        match policy.call_if(attempt, classify).await {
            Ok(answer) => Ok(answer),
            Err(crate::Error::Failed { error, .. }) => error.outcome(),
            Err(crate::Error::Open { retry_after }) => Err(Error::Open { retry_after }),
            Err(crate::Error::Full) => Err(Error::Full),
            Err(crate::Error::TimedOut { .. }) => Err(Error::TimedOut),
        }
    }
}

/// Tells a span how its call ended.
fn tell(span: &Span, result: &Result<Response, Error>) {
    match result {
        Ok(response) => {
            span.record("http.response.status_code", response.status().as_u16());
            if response.status().as_u16() >= 400 {
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(error) => {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", Outcome::of_error(error).name());
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("name", &self.0.name)
            .field("limits", &self.0.limits)
            .field("policy", &self.0.repeating)
            .finish_non_exhaustive()
    }
}
