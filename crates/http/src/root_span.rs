//! The span of a request for handlers that are written for the crate `tracing-actix-web`.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::display};
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};

/// Provides the span that [`trace`](crate::trace) has opened, instead of a new one.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan;

/// Middleware for handlers that take the extractors `RootSpan` and `RequestId` of `tracing-actix-web`. It must be inside of
/// [`Trace`](crate::trace::Trace), around a whole application or a scope. It opens no span and logs nothing.
///
/// `RootSpan` is the span of the request. For a request that is not traced it records nothing. `RequestId` is a random
/// UUID of that crate. The span has it as `tracing_actix_web.request_id`, beside our `request_id`.
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

    /// Does nothing, since [`Trace`](crate::trace::Trace) records the end.
    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, Error>) {}
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        test::{TestRequest, call_service, init_service},
        web,
    };
    use tracing_actix_web::RootSpan;

    use super::*;

    /// Why the middleware stays when nothing is traced.
    #[actix_web::test]
    async fn handlers_for_the_crate_work_untraced_with_the_middleware_and_fail_without_it() {
        let routes = |config: &mut web::ServiceConfig| {
            let handler = async |span: RootSpan, id: RequestId| format!("{} {id}", span.is_disabled());
            config.route("/", web::get().to(handler));
        };
        let with = init_service(App::new().configure(routes).wrap(middleware())).await;
        let without = init_service(App::new().configure(routes)).await;
        let request = || TestRequest::get().uri("/").to_request();
        assert_eq!(call_service(&with, request()).await.status(), 200);
        assert_eq!(call_service(&without, request()).await.status(), 500);
    }
}
