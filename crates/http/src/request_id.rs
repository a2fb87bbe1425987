//! A name for every request.

use std::sync::Arc;

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use palisade_core::{Ids, Parse, RequestContext, RequestId, SystemRandom, TraceState};
use palisade_telemetry::{Traced, Tracer};

use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    stamp::with_header,
    trace::{self, SpanMaker},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The layer that names requests. It takes the client's `X-Request-ID` when there is exactly one and it is
/// well-formed, else makes a new one; puts a [`RequestContext`] into the request's extensions, with its
/// place in a trace: below the caller's, whose `traceparent` is well-formed, with the caller's `tracestate`, or in a new
/// one; and sets `X-Request-ID` on every response.
#[derive(Debug, Clone)]
pub struct RequestIds {
    ids: Ids,
    tracer: Tracer,
    span: SpanMaker,
}

impl RequestIds {
    /// A layer that makes new names by `ids`.
    #[must_use]
    pub fn new(ids: Ids) -> Self {
        Self { ids, tracer: Tracer::off(Arc::new(SystemRandom)), span: trace::request_span }
    }

    /// The same, beginning the traces that `tracer` picks. The span of a request is made here and goes with the work of
    /// the layer [`trace`].
    #[must_use]
    pub fn tracing(self, tracer: Tracer) -> Self {
        Self { tracer, ..self }
    }

    /// The same, with the spans that `make` makes.
    #[must_use]
    pub fn span(self, make: SpanMaker) -> Self {
        Self { span: make, ..self }
    }

    fn begin(&self, request: &ServiceRequest) -> (RequestContext, Option<trace::Root>) {
        let headers = request.headers();
        let request_id = only(headers, &X_REQUEST_ID).unwrap_or_else(|| RequestId::generate(&self.ids));
        let span = || (self.span)(request, &request_id);
        let parent = only(headers, &TRACEPARENT);
        // Without a parent it is about nothing (W3C Trace Context §4.2).
        let trace_state = parent.and_then(|_| trace_state(headers));
        let Traced { context, span, tracing } = self.tracer.begin(parent, trace_state.as_ref(), span);
        let root = tracing.map(|tracing| trace::Root { span, tracing });
        (RequestContext { request_id, trace: Some(context), trace_state }, root)
    }
}

impl Hook for RequestIds {
    type Kept<'a> = Option<HeaderValue>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<HeaderValue>, EarlyResponse> {
        let (context, root) = self.begin(request);
        // An id is made of characters that a header can hold.
        let shown = HeaderValue::from_str(context.request_id.as_str()).ok();
        request.extensions_mut().insert(context);
        if let Some(root) = root {
            request.extensions_mut().insert(root);
        }
        Ok(shown)
    }

    fn after(&self, shown: Option<HeaderValue>, outcome: Outcome) -> Outcome {
        match shown {
            Some(value) => with_header(outcome, X_REQUEST_ID, value),
            None => outcome,
        }
    }
}

/// The headers that carry a request's name and trace on to the services called for its sake.
///
/// ```
/// # use palisade_core::{Parse, RequestContext, RequestId};
/// # use palisade_http::request_id::outgoing_headers;
/// let request_id = RequestId::parse("r-1").unwrap();
/// let context = RequestContext { request_id, trace: None, trace_state: None };
/// let headers: Vec<_> = outgoing_headers(&context).collect();
/// assert_eq!(headers, [("x-request-id", "r-1".to_owned())]);
/// ```
pub fn outgoing_headers(context: &RequestContext) -> impl Iterator<Item = (&'static str, String)> {
    let trace = context.trace.map(|trace| ("traceparent", trace.to_string()));
    let state = context.trace_state.as_ref().filter(|_| trace.is_some());
    let state = state.map(|state| ("tracestate", state.to_string()));
    std::iter::once(("x-request-id", context.request_id.to_string())).chain(trace).chain(state)
}

/// What callers have noted, if it is well-formed. Several headers are one list (RFC 9110 §5.3).
fn trace_state(headers: &HeaderMap) -> Option<TraceState> {
    let values: Option<Vec<&str>> = headers.get_all(TRACESTATE).map(|value| value.to_str().ok()).collect();
    TraceState::parse(&values?.join(",")).ok()
}

/// The value of a header that is there once and well-formed. Of several, none can be trusted to be the one that
/// others saw.
fn only<T: Parse>(headers: &HeaderMap, name: &HeaderName) -> Option<T> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    T::parse(value.to_str().ok()?).ok()
}
