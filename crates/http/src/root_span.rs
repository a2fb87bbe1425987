//! The span of a request for handlers that are written for the crate `tracing-actix-web`.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::display};
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};

/// Gives the span that [`trace`](crate::trace) has opened in place of a new one.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan;

/// The middleware whose extractors `RootSpan` and `RequestId` handlers take. It stands inside of
/// [`Trace`](crate::trace::Trace), around a whole application or a scope. It opens no span and logs nothing.
///
/// `RootSpan` is the span of the request; for a request that is not traced, one that records nothing. `RequestId` is a
/// number of that crate's own, which nobody can choose: it is recorded as `tracing_actix_web.request_id`, beside the
/// `request_id` by which everything else knows the request.
///
/// ```
/// use actix_web::{App, get};
/// use palisade_http::root_span;
/// use tracing_actix_web::{RequestId, RootSpan};
///
/// #[get("/orders")]
/// async fn orders(span: RootSpan, request_id: RequestId) -> String {
///     span.record("order.count", 3);
///     request_id.to_string()
/// }
///
/// let app = App::new().service(orders).wrap(root_span::middleware());
/// # let _ = app;
/// ```
#[must_use]
pub fn middleware() -> TracingLogger<RequestSpan> {
    TracingLogger::new()
}

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let span = Span::current();
        if let Some(id) = request.extensions().get::<RequestId>() {
            span.record("tracing_actix_web.request_id", display(id));
        }
        span
    }

    /// [`Trace`](crate::trace::Trace) records the end.
    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, Error>) {}
}
