//! The layer stack, and the routes inside it: how a request passes through the server, in one place.

mod starting;

use std::{sync::Arc, time::Duration};

use actix_web::{
    App, Error,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    web::Data,
};
use palisade_auth::http::access;
use palisade_health::routes as health;
use palisade_http::{
    Layer,
    cache_status::ShowCache,
    compression::Compression,
    cors::Cors,
    decompression::Decompression,
    deprecation::Announcer,
    docs::{self, About, ErrorPages, FrontPage},
    fallback,
    head::Head,
    hooks,
    layer::optional,
    layers,
    log::RequestLog,
    metrics::RequestMetrics,
    panic_guard::PanicGuard,
    process_time::ProcessTime,
    renderer::Renderer,
    request_id::RequestIds,
    request_logging::RequestLogging,
    routes::RouteTable,
    timeout::Timeout,
    trace::Trace,
};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt as _, scope, service_config::ServiceConfig};

use crate::{
    base::Base, compose::Parts, domains::DOMAINS, first_admin, foundation::Foundation, limits, management,
    meta, settings::Settings,
};
pub(crate) use starting::{create_starting_app, create_starting_management_app};

/// The public API: its layers around its routes.
pub fn create_app(
    parts: &Arc<Parts>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    create_app_with(parts, |_| {})
}

/// The same with services of the caller's own, which come before ours. The access layer lets nobody through to a
/// route that the API document does not declare.
pub fn create_app_with<Own: FnOnce(&mut actix_web::web::ServiceConfig)>(
    parts: &Arc<Parts>,
    own: Own,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<Own>,
> {
    let settings = &parts.foundation.settings;
    App::new()
        .configure(own)
        .into_utoipa_app()
        .configure(|config| provide(parts, config))
        .configure(|config| root_routes(config, &parts.error_pages))
        .service(scope(settings.app.api_prefix.as_str()).configure(api_routes))
        .into_app()
        .configure(|config| {
            parts.front_page.configure(config);
            if let Some(documents) = &parts.documents {
                documents.configure(config);
            }
        })
        .default_service(fallback::service(Arc::clone(&parts.routes)))
        .wrap(public_layers(parts).layered())
}

/// The management listener: what an operator and an orchestrator ask, never public by accident.
pub fn create_management_app(
    parts: &Arc<Parts>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .into_utoipa_app()
        .configure(|config| provide(parts, config))
        .configure(management_routes)
        .into_app()
        .default_service(fallback::service(Arc::clone(&parts.management_routes)))
        .wrap(management_layers(&parts.base, &parts.management_routes).layered())
}

/// The layers of the management listener.
fn management_layers(base: &Base, routes: &Arc<RouteTable>) -> impl Layer + use<> {
    let client_address = base.settings.layers.client_address.then(|| base.edge.client_address.clone());
    layers![
        outer_layers(base, routes, None, None),
        hooks![client_address, base.management_guard.clone(), Head]
    ]
}

/// The layers of the public API in the order in which a request meets them. The order is a security property:
/// what refuses stands inside of what tells, and what is cheap stands before what is dear.
fn public_layers(parts: &Parts) -> impl Layer + use<> {
    let settings = &parts.foundation.settings;
    let (on, server, edge) = (&settings.layers, &settings.server, &parts.base.edge);
    let cors = edge.cors.as_ref().filter(|_| on.cors);
    let acquire_timeout = Duration::from_millis(settings.database.acquire_timeout_ms);
    let timeout = Timeout::after(seconds(server.request_timeout_seconds)).waiting_at_most(acquire_timeout);
    // How long a body may take is for the server to see to, whatever layers there are.
    let body_limit = settings.security.body_limit(&settings.app.api_prefix);
    let compression = Compression::new(edge.coders.clone()).min_size(settings.compression.min_size_bytes);
    let deprecation = on.deprecation.then(|| edge.deprecation.clone()).flatten();
    layers![
        outer_layers(&parts.base, &parts.routes, parts.request_metrics.as_ref(), deprecation),
        hooks![
            // Outside of all that refuses: a script may read why it was refused.
            cors.map(Cors::headers),
            on.trusted_hosts.then(|| edge.trusted_hosts.clone()),
            on.client_address.then(|| edge.client_address.clone()),
            parts.countries.as_ref().map(|countries| countries.layer.clone()),
            on.surge_guard.then(|| edge.surge_guard.clone()),
        ],
        optional(on.load_shed.then(|| edge.load_shed.clone())),
        cors.map(Cors::preflights),
        // Once more: the answer for a handler that panics passes the layers above like any other.
        optional(on.panic_guard.then_some(PanicGuard)),
        hooks![
            on.head.then_some(Head),
            settings.shows_cache().then_some(ShowCache),
            on.compression.then_some(compression),
            on.content.then(|| parts.content.clone()),
        ],
        optional(on.timeout.then_some(timeout)),
        hooks![
            on.body_limit.then_some(body_limit),
            on.decompression.then(|| Decompression::new(edge.coders.clone())),
            // Inside: it shows bodies as they are read and written, and whatever is refused from here on.
            request_logging(parts),
        ],
        optional(on.rate_limit.then(|| parts.api_limit.clone())),
        access(parts.services.auth.clone(), Arc::clone(&parts.routes)),
        optional(parts.idempotency_keys.clone()),
    ]
}

/// Requests and responses in the log, whole, where that is asked for.
fn request_logging(parts: &Parts) -> Option<RequestLogging> {
    let Foundation { settings, observability, .. } = &parts.foundation;
    let wanted = &settings.request_logging;
    let probes = ["/health", "/ready", "/live"].map(str::to_owned);
    let health = [&probes[..], &[format!("{}/health", settings.app.api_prefix)]].concat();
    settings.logs_requests().then(|| {
        RequestLogging::new(observability.masker.clone())
            .max_body_size(wanted.max_body_size)
            .except(&[&wanted.exempt_paths[..], &health].concat())
    })
}

/// The layers that every listener has: those that tell what happened, whatever it was. What is deprecated stands
/// among them, so that an answer tells of it which a refusal or a panic has made.
fn outer_layers(
    base: &Base,
    routes: &Arc<RouteTable>,
    metrics: Option<&RequestMetrics>,
    deprecations: Option<Announcer>,
) -> impl Layer + use<> {
    let settings = &base.settings;
    let on = &settings.layers;
    let renderer = Renderer::new(settings.errors.format, Arc::clone(&base.clock))
        .show_causes(settings.debug())
        .with_routes(Arc::clone(routes));
    layers![
        hooks![
            on.request_id
                .then(|| { RequestIds::new(base.ids.clone()).tracing(base.observability.tracer.clone()) }),
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
        on.security_headers.then(|| base.edge.security_headers.clone()),
    ]
}

/// The API document: every route with its errors and who may call it.
#[must_use]
pub fn openapi(settings: &Settings) -> OpenApi {
    let app = App::new()
        .into_utoipa_app()
        .configure(|config| root_routes(config, &ErrorPages::new("", &[])))
        .service(scope(settings.app.api_prefix.as_str()).configure(api_routes));
    let login = format!("{}/auth/login", settings.app.api_prefix);
    let about = About {
        title: &settings.app.name,
        version: env!("CARGO_PKG_VERSION"),
        login: &login,
        idempotency_keys: settings.idempotency.enabled,
    };
    let mut openapi = docs::finish(app.split_for_parts().1, &about);
    docs::declare_limits(&mut openapi, |path| limits::is_limited(&settings.app.api_prefix, path));
    openapi
}

/// Every route of the public listener: those of the API document, the front page and, where they are on, the pages that
/// show the document.
pub(crate) fn public_routes(settings: &Settings, openapi: &OpenApi) -> RouteTable {
    let routes = FrontPage::declare(RouteTable::from_openapi(openapi));
    if settings.docs_enabled() { docs::with_routes(routes) } else { routes }
}

/// Every route of the management listener, which stand in no public document.
pub(crate) fn private_routes() -> RouteTable {
    RouteTable::from_openapi(&App::new().into_utoipa_app().configure(management_routes).split_for_parts().1)
}

fn management_routes(config: &mut ServiceConfig<'_>) {
    health::configure_management(config);
    management::configure(config);
}

fn root_routes(config: &mut ServiceConfig<'_>, errors: &ErrorPages) {
    health::configure_root(config);
    errors.configure(config);
    first_admin::configure(config);
    for domain in DOMAINS {
        (domain.root_routes)(config);
    }
}

fn api_routes(config: &mut ServiceConfig<'_>) {
    health::configure(config);
    meta::configure(config);
    for domain in DOMAINS {
        (domain.routes)(config);
    }
}

fn provide(parts: &Arc<Parts>, config: &mut ServiceConfig<'_>) {
    config
        .app_data(parts.limits.clone())
        .app_data(Data::from(Arc::clone(parts)))
        .app_data(Data::from(Arc::clone(&parts.health)));
    parts.services.provide(config);
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
