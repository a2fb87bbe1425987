//! `GET /build`.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::foundation::Foundation;

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Build {
    /// Its name.
    name: String,
    /// Its version.
    version: &'static str,
    /// Where it runs.
    environment: &'static str,
    /// Whether it was built for speed.
    profile: &'static str,
}

/// Which program this is.
#[utoipa::path(
    tag = "management",
    operation_id = "build",
    security(()),
    responses((status = 200, description = "Name, version and environment", body = Build))
)]
#[get("/build")]
pub(super) async fn build(foundation: Data<Foundation>) -> Json<Build> {
    let app = &foundation.settings().app;
    Json(Build {
        name: app.name.clone(),
        version: foundation.facts().version(),
        environment: app.environment.as_str(),
        profile: if cfg!(debug_assertions) { "debug" } else { "release" },
    })
}
