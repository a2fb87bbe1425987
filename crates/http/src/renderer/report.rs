//! What the log learns of a failure.

use actix_web::{HttpMessage, HttpRequest};
use palisade_core::{Error, RequestContext};
use palisade_telemetry::correlation;

use crate::error::is_refusal;

/// Logs a fault of ours with everything that is known about it. A fault of the client's, or that there is more to
/// do than is taken on, is told by the request log alone, in one line with its code: it needs no trace, and whoever
/// sends such requests must not decide how much is written.
pub(super) fn log(request: &HttpRequest, error: &Error) {
    if error.status() < 500 || is_refusal(error) {
        return;
    }
    let context = request.extensions().get::<RequestContext>().cloned();
    match &context {
        // The work is over: the line names its request and its trace all the same, wherever it is sent.
        Some(context) => correlation::within(context, || tell(request, error, Some(context))),
        None => tell(request, error, None),
    }
}

fn tell(request: &HttpRequest, error: &Error, context: Option<&RequestContext>) {
    let request_id = context.map(|context| context.request_id.as_str());
    let causes = error.causes().collect::<Vec<_>>().join(": ");
    tracing::error!(
        request_id,
        route = request.match_pattern().as_deref(),
        status = error.status(),
        code = error.kind().code(),
        reason = error.reason(),
        error = error.message(),
        cause = (!causes.is_empty()).then_some(causes.as_str()),
        backtrace = error.backtrace().map(tracing::field::display),
        "http.error"
    );
}
