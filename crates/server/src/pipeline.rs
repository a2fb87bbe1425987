//! The layer stack, and the routes inside it: how a request passes through the server, in one place.

mod stacks;
mod starting;

use std::{sync::Arc, time::Duration};

use actix_web::{
    App, Error,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    web::Data,
};
use palisade_http::{
    Layer,
    access::AccessControl,
    cache_status::ShowCache,
    compression::Compression,
    cors::Cors,
    decompression::Decompression,
    fallback,
    head::Head,
    hooks,
    layer::{Groups, optional},
    layers,
    panic_guard::PanicGuard,
    request_logging::RequestLogging,
    timeout::Timeout,
};
use utoipa_actix_web::{AppExt as _, scope, service_config::ServiceConfig};

use crate::{management, parts::Parts, position::Position};
pub(crate) use starting::{create_starting_app, create_starting_management_app};

/// The public API: its layers around its routes.
pub(crate) fn create_app(
    parts: &Arc<Parts>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    let (program, first) = (&parts.base.program, &parts.base.settings().app.api_prefix);
    let mut app = App::new()
        .into_utoipa_app()
        .configure(|config| provide(parts, config))
        .configure(|config| program.root_routes(config));
    for version in program.versions() {
        let routes = |config: &mut ServiceConfig<'_>| program.routes(version, config);
        app = app.service(scope(version.prefix(first).as_str()).configure(routes));
    }
    app.into_app()
        .configure(|config| {
            parts.front_page.configure(config);
            if let Some(documents) = &parts.documents {
                documents.configure(config);
            }
        })
        .default_service(fallback::service(Arc::clone(&parts.routes)))
        .wrap(public_layers(parts))
}

/// The management listener: what an operator and an orchestrator ask, never public by accident.
pub(crate) fn create_management_app(
    parts: &Arc<Parts>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .into_utoipa_app()
        .configure(|config| provide(parts, config))
        .configure(management::routes)
        .into_app()
        .default_service(fallback::service(Arc::clone(&parts.management_routes)))
        .wrap(stacks::management(&parts.base, &parts.management_routes).layered())
}

/// The layers of the public API in the order in which a request meets them. The order is a security property:
/// what refuses stands inside of what tells, and what is cheap stands before what is dear.
///
/// The program's own layers stand between the groups.
fn public_layers(parts: &Parts) -> Groups<impl Layer + use<>, impl Layer + use<>, impl Layer + use<>> {
    let settings = parts.base.settings();
    let (on, server, edge) = (&settings.layers, &settings.server, &parts.base.edge);
    let cors = edge.cors.as_ref();
    let acquire_timeout = Duration::from_millis(settings.database.acquire_timeout_ms);
    let timeout = Timeout::after(seconds(server.request_timeout_seconds)).waiting_at_most(acquire_timeout);
    // How long a body may take is for the server to see to, whatever layers there are.
    let body_limit = settings.security.bodies.layer(&parts.base.program.prefixes(settings));
    let compression = Compression::new(edge.coders.clone()).min_size(settings.compression.min_size_bytes);
    let deprecation = edge.deprecation.clone();
    let observing = stacks::outer(&parts.base, &parts.routes, parts.request_metrics.as_ref(), deprecation);
    let refusing = layers![
        hooks![
            // Outside of all that refuses: a script may read why it was refused.
            cors.map(Cors::headers),
            edge.trusted_hosts.clone(),
            edge.client_address.clone(),
            parts.countries.as_ref().map(|countries| countries.layer.clone()),
            edge.surge_guard.clone(),
        ],
        optional(edge.load_shed.clone()),
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
    ];
    let admitting = layers![
        optional(on.rate_limit.then(|| parts.api_limit.clone())),
        AccessControl::new(Arc::clone(&parts.authenticator), Arc::clone(&parts.routes)),
        optional(parts.idempotency_keys.clone()),
    ];
    let theirs = [Position::Edge, Position::BeforeAccess, Position::Handlers];
    Groups::new(
        (observing, refusing, admitting),
        theirs.map(|position| parts.base.program.layers_at(position)),
    )
}

/// Requests and responses in the log, whole, where that is asked for.
fn request_logging(parts: &Parts) -> Option<RequestLogging> {
    let (settings, observability) = (parts.base.settings(), &parts.base.ground.observability);
    let wanted = &settings.request_logging;
    let probes = ["/health", "/ready", "/live"].map(str::to_owned);
    let health = [&probes[..], &[format!("{}/health", settings.app.api_prefix)]].concat();
    settings.logs_requests().then(|| {
        RequestLogging::new(observability.masker.clone())
            .max_body_size(wanted.max_body_size)
            .except(&[&wanted.exempt_paths[..], &health].concat())
    })
}

fn provide(parts: &Arc<Parts>, config: &mut ServiceConfig<'_>) {
    config
        .app_data(parts.limits.clone())
        .app_data(Data::from(Arc::clone(&parts.foundation)))
        .app_data(Data::from(Arc::clone(&parts.health)))
        .app_data(Data::new(parts.error_pages.clone()));
    parts.services.hand_out(config);
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
