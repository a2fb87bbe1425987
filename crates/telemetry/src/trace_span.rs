//! Spans for traces.

/// A span of a trace: a name and fields as [`tracing::info_span!`] takes them. It is made where the request for which
/// the thread is [working](crate::correlation::Correlated) is traced; elsewhere it is none, and its fields are not even
/// looked at.
///
/// ```
/// let span = palisade_telemetry::trace_span!("mail.send", otel.kind = "client", count = 3);
/// assert!(span.is_disabled(), "nobody traces here");
/// ```
#[macro_export]
macro_rules! trace_span {
    ($name:literal $(, $($fields:tt)*)?) => {
        if $crate::correlation::is_traced() {
            $crate::tracing::info_span!(target: $crate::tracer::TARGET, $name, $($($fields)*)?)
        } else {
            $crate::tracing::Span::none()
        }
    };
}
