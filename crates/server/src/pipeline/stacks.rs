//! Layers that several listeners have, also while the program is starting.

use std::sync::Arc;

use palisade_http::{
    Layer, deprecation::Announcer, head::Head, hooks, layer::optional, layers, log::RequestLog,
    metrics::RequestMetrics, panic_guard::PanicGuard, process_time::ProcessTime, renderer::Renderer,
    request_id::RequestIds, routes::RouteTable, trace::Trace,
};

use crate::base::Base;

/// The layers that every listener has: those that tell what happened, whatever it was. What is deprecated stands
/// among them, so that an answer tells of it which a refusal or a panic has made.
pub(super) fn outer(
    base: &Base,
    routes: &Arc<RouteTable>,
    metrics: Option<&RequestMetrics>,
    deprecations: Option<Announcer>,
) -> impl Layer + use<> {
    let (settings, ground) = (base.settings(), &base.ground);
    let on = &settings.layers;
    let renderer = Renderer::new(settings.errors.format, Arc::clone(&ground.clock))
        .show_causes(settings.debug())
        .with_body(base.program.error_body.clone())
        .with_routes(Arc::clone(routes));
    layers![
        hooks![
            on.request_id.then(|| {
                RequestIds::new(ground.ids.clone())
                    .tracing(ground.observability.tracer.clone())
                    .span(base.program.request_span)
            }),
            on.process_time.then_some(ProcessTime),
            on.request_log.then(|| {
                RequestLog::default()
                    .with_routes(Arc::clone(routes))
                    .slow_after(settings.telemetry.slow_request())
            }),
            metrics.map(RequestMetrics::layer),
            on.renderer.then_some(renderer),
            deprecations,
        ],
        optional(on.request_id.then_some(Trace)),
        optional(on.panic_guard.then_some(PanicGuard)),
        base.edge.security_headers.clone(),
    ]
}

/// The layers of the management listener.
pub(super) fn management(base: &Base, routes: &Arc<RouteTable>) -> impl Layer + use<> {
    let client_address = base.edge.client_address.clone();
    layers![outer(base, routes, None, None), hooks![client_address, base.management_guard.clone(), Head]]
}
