//! What answers while the program is starting: the probes, and 503 for everything else.

use std::sync::Arc;

use actix_web::{
    App, Error,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    web::Data,
};
use palisade_health::routes::{self as health, Health};
use palisade_http::{Layer, cors::Cors, fallback, head::Head, hooks, layers, routes::RouteTable};
use utoipa_actix_web::{AppExt as _, scope, service_config::ServiceConfig};

use super::stacks;
use crate::base::Base;

/// The public API while the program is starting.
pub(crate) fn create_starting_app(
    base: &Base,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    let prefix = base.settings().app.api_prefix.as_str();
    starting_app(base, health::configure_root, Some(prefix)).wrap(starting_layers(base).layered())
}

/// The management listener while the program is starting.
pub(crate) fn create_starting_management_app(
    base: &Base,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    starting_app(base, health::configure_management, None)
        .wrap(stacks::management(base, &Arc::new(RouteTable::default())).layered())
}

/// An application that answers probes, and 503 to everything else.
fn starting_app(
    base: &Base,
    probes: fn(&mut ServiceConfig<'_>),
    prefixed: Option<&str>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .app_data(health_of(base))
        .into_utoipa_app()
        .configure(probes)
        .configure(|config| {
            if let Some(prefix) = prefixed {
                config.service(scope(prefix).configure(health::configure));
            }
        })
        .into_app()
        .default_service(fallback::while_starting())
}

/// Those of the public layers that need nothing but the settings, in the same order.
fn starting_layers(base: &Base) -> impl Layer + use<> {
    let (on, edge) = (&base.settings().layers, &base.edge);
    let cors = edge.cors.as_ref();
    layers![
        stacks::outer(base, &Arc::new(RouteTable::default()), None, None),
        hooks![
            cors.map(Cors::headers),
            edge.trusted_hosts.clone(),
            edge.client_address.clone(),
            on.head.then_some(Head),
        ],
    ]
}

fn health_of(base: &Base) -> Data<Health> {
    let (lifecycle, clock) = (base.lifecycle.clone(), Arc::clone(&base.ground.clock));
    let environment = base.settings().app.environment;
    Data::new(Health::of_a_start(lifecycle, base.program.facts.version, environment, clock))
}
