//! The work of a request, under its name and in its trace.

use std::{rc::Rc, sync::Arc};

use actix_web::{HttpMessage, dev::ServiceRequest};
use palisade_core::{RequestContext, RequestId};
use palisade_telemetry::{correlation::Correlated, tracer::Tracing};
use tracing::{Instrument as _, Span};

use crate::{
    Layer,
    layer::{Next, Outcome},
    logged::CLIENT_CLOSED_REQUEST,
    routes::Answered,
    snapshot::RequestSnapshot,
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

/// Makes the span of a request: [`request_span`], or a function of the program's own with more fields.
pub type SpanMaker = fn(&ServiceRequest, &RequestId) -> Span;

/// The span of a request.
pub(crate) struct Root {
    pub(crate) span: Span,
    pub(crate) tracing: Arc<dyn Tracing>,
}

/// A span for `request`.
#[must_use]
pub fn request_span(request: &ServiceRequest, request_id: &RequestId) -> Span {
    crate::request_span!(request, request_id)
}

/// Makes the span of a request with fields of the program's own beside ours. A field that is known later is declared
/// `Empty`, and a handler records it.
///
/// ```
/// use actix_web::dev::ServiceRequest;
/// use palisade_core::RequestId;
/// use palisade_http::{request_id::RequestIds, trace::SpanMaker};
///
/// fn span(request: &ServiceRequest, request_id: &RequestId) -> tracing::Span {
///     palisade_http::request_span!(request, request_id, "order.number" = tracing::field::Empty)
/// }
///
/// let make: SpanMaker = span;
/// # let _ = (make, RequestIds::span);
/// ```
#[macro_export]
macro_rules! request_span {
    ($request:expr, $request_id:expr $(, $($fields:tt)*)?) => {{
        let (request, request_id): (&$crate::trace::within::ServiceRequest, &$crate::trace::within::RequestId) =
            ($request, $request_id);
        $crate::trace::within::info_span!(
            target: $crate::trace::within::TARGET,
            $crate::trace::within::ROOT,
            otel.kind = "server",
            otel.status_code = $crate::trace::within::Empty,
            "http.request.method" = request.method().as_str(),
            "url.path" = &*$crate::trace::within::url_path(request),
            "url.scheme" = $crate::trace::within::Empty,
            "http.route" = $crate::trace::within::Empty,
            "http.response.status_code" = $crate::trace::within::Empty,
            "error.type" = $crate::trace::within::Empty,
            request_id = request_id.as_str(),
            "tracing_actix_web.request_id" = $crate::trace::within::Empty,
            $($($fields)*)?
        )
    }};
}

/// What [`request_span!`](crate::request_span) needs where it is used.
#[doc(hidden)]
pub mod within {
    use std::borrow::Cow;

    pub use actix_web::dev::ServiceRequest;
    pub use palisade_core::RequestId;
    pub use palisade_telemetry::{
        tracer::{ROOT, TARGET},
        tracing::{field::Empty, info_span},
    };

    #[must_use]
    pub fn url_path(request: &ServiceRequest) -> Cow<'_, str> {
        crate::routes::shown_path(request)
    }
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
                    snapshot: RequestSnapshot::of(&request),
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
    snapshot: Rc<RequestSnapshot>,
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
        let method = self.snapshot.method().as_str();
        self.span.record("http.response.status_code", status);
        // How the client asked is known once it has been found out who it is.
        self.span.record("url.scheme", if self.snapshot.is_https() { "https" } else { "http" });
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
