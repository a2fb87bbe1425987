//! `GET /api/v1/meta`: which service this is, and where its documents are.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{foundation::Foundation, settings::Settings};

/// What the group of the route is for, by its name in the API document.
pub(crate) const TAGS: &[(&str, &str)] =
    &[("service", "Which service this is, and where its documents are.")];

/// Adds the route.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(meta);
}

/// Which service this is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// Its name.
    #[schema(pattern = r"^[\s\S]+$", max_length = 100, example = "palisade")]
    name: String,
    /// Its version.
    #[schema(pattern = "^[0-9A-Za-z.+-]+$", max_length = 64, example = "0.1.0")]
    version: &'static str,
    /// Where it runs.
    #[schema(pattern = "^(local|test|staging|production)$", max_length = 10, example = "local")]
    environment: &'static str,
    /// Where to go from here.
    links: Links,
}

/// Addresses on this server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Links {
    /// The health of the server.
    #[schema(pattern = "^/", max_length = 200, example = "/api/v1/health")]
    health: String,
    /// What each error means.
    #[schema(pattern = "^/", max_length = 200, example = "/errors")]
    errors: &'static str,
    /// The API document; absent where the documents are off.
    #[schema(nullable = false, pattern = "^/", max_length = 200, example = "/openapi.json")]
    #[serde(skip_serializing_if = "Option::is_none")]
    openapi: Option<&'static str>,
    /// The API document in Swagger UI, where requests can be tried out.
    #[schema(nullable = false, pattern = "^/", max_length = 200, example = "/docs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'static str>,
    /// The API document as a page to read.
    #[schema(nullable = false, pattern = "^/", max_length = 200, example = "/redoc")]
    #[serde(skip_serializing_if = "Option::is_none")]
    redoc: Option<&'static str>,
}

impl Meta {
    fn of(settings: &Settings, version: &'static str) -> Self {
        let shown = |address| settings.docs_enabled().then_some(address);
        Self {
            name: settings.app.name.clone(),
            version,
            environment: settings.app.environment.as_str(),
            links: Links {
                health: format!("{}/health", settings.app.api_prefix),
                errors: "/errors",
                openapi: shown("/openapi.json"),
                docs: shown("/docs"),
                redoc: shown("/redoc"),
            },
        }
    }
}

/// Describe the service
///
/// Its name, its version, where it runs, and where its documents are.
#[utoipa::path(
    tag = "service",
    operation_id = "meta",
    security(()),
    responses((status = 200, description = "Name, version, environment and links", body = Meta))
)]
#[get("/meta")]
async fn meta(foundation: Data<Foundation>) -> Json<Meta> {
    Json(Meta::of(foundation.settings(), foundation.facts().version()))
}
