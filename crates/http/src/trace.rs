//! The work of a request, under its name and in its trace.

use std::{rc::Rc, sync::Arc};

use actix_web::{HttpMessage, dev::ServiceRequest};
use palisade_core::{RequestContext, RequestId};
use palisade_telemetry::{
    correlation::Correlated,
    tracer::{ROOT, TARGET, Tracing},
};
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    Layer,
    layer::{Next, Outcome},
    logged::CLIENT_CLOSED_REQUEST,
    remains::Remains,
    routes::{Answered, shown_path},
};

/// The layer that does the rest of the work in the name of the request: each line that is logged meanwhile says
/// `request_id` and `trace_id`, and where the request is traced, what it asks of others becomes spans below its own. It
/// stands inside of [`request_id`](crate::request_id), which begins the trace, and outside of everything that asks.
///
/// The span is one of a server by OpenTelemetry's conventions
/// (<https://opentelemetry.io/docs/specs/semconv/http/http-spans>): its name is method and route. A segment of its path
/// whose parameter names a secret is shown by its pattern: `/setup/{token}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trace;

/// The span of a request.
pub(crate) struct Root {
    pub(crate) span: Span,
    pub(crate) tracing: Arc<dyn Tracing>,
}

/// A span for `request`.
pub(crate) fn root(request: &ServiceRequest, request_id: &RequestId) -> Span {
    tracing::info_span!(
        target: TARGET,
        ROOT,
        otel.kind = "server",
        otel.status_code = Empty,
        "http.request.method" = request.method().as_str(),
        "url.path" = &*shown_path(request),
        "url.scheme" = Empty,
        "http.route" = Empty,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        request_id = request_id.as_str(),
    )
}

impl Layer for Trace {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let root = request.extensions_mut().remove::<Root>();
        let context = request.extensions().get::<RequestContext>().cloned();
        let Some(context) = context else { return next.call(request).await };
        match root {
            None => Correlated::new(next.call(request), context, None).await,
            Some(Root { span, tracing }) => {
                let ending = Ending {
                    span: span.clone(),
                    tracing: Arc::clone(&tracing),
                    remains: Remains::of(&request),
                    is_told: false,
                };
                let work = next.call(request).instrument(span);
                let outcome = Correlated::new(work, context, Some(tracing)).await;
                ending.tell(&outcome);
                outcome
            }
        }
    }
}

/// Tells a span how its request ended.
struct Ending {
    span: Span,
    tracing: Arc<dyn Tracing>,
    remains: Rc<Remains>,
    is_told: bool,
}

impl Ending {
    fn tell(mut self, outcome: &Outcome) {
        match outcome {
            Ok(response) => {
                let route = Answered::of(response.request());
                self.record(response.status().as_u16(), route.as_ref().map(Answered::pattern));
            }
            Err(error) => self.record(error.as_response_error().status_code().as_u16(), None),
        }
    }

    fn record(&mut self, status: u16, route: Option<&str>) {
        self.is_told = true;
        let method = self.remains.method().as_str();
        self.span.record("http.response.status_code", status);
        // How the client asked is known once it has been found out who it is.
        self.span.record("url.scheme", if self.remains.is_https() { "https" } else { "http" });
        match route {
            Some(route) => {
                self.span.record("http.route", route);
                self.tracing.rename(&self.span, format!("{method} {route}"));
            }
            None => self.tracing.rename(&self.span, method.to_owned()),
        }
        // A refusal is no failure of the server's.
        if status >= 500 {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", status);
        }
    }
}

impl Drop for Ending {
    /// The client has not waited.
    fn drop(&mut self) {
        if !self.is_told {
            self.record(CLIENT_CLOSED_REQUEST, None);
        }
    }
}
