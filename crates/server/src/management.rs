//! The management listener's own routes: what an operator asks, and what an operator switches.

mod breakers;
mod build;
mod guard;
mod level;
mod metrics;

pub(crate) use guard::Guard;
use palisade_health::routes as health;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of the management listener.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    health::configure_management(config);
    configure(config);
}

/// Every route beside health.
fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(metrics::metrics)
        .service(build::build)
        .service(level::log_level)
        .service(level::set_log_level)
        .service(breakers::breakers)
        .service(breakers::reset);
}
