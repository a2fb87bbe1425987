//! The API document: every route with its errors and who may call it.

use actix_web::App;
use palisade_core::Error;
use palisade_http::routes::RouteTable;
use palisade_openapi::{About, Documents, FrontPage, declare_limits, deprecate_all, finish, route_table};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt as _, scope, service_config::ServiceConfig};

use crate::{
    domain::{ApiVersion, Domain},
    limits, management,
    program::Program,
    settings::Settings,
};

impl Program {
    /// The API document of the first version, for these settings.
    #[must_use]
    pub fn openapi(&self, settings: &Settings) -> OpenApi {
        openapi(self, ApiVersion::FIRST, settings)
    }

    /// The API document of a version, for these settings.
    #[must_use]
    pub fn openapi_of(&self, version: ApiVersion, settings: &Settings) -> OpenApi {
        openapi(self, version, settings)
    }
}

/// The document of a version.
fn openapi(program: &Program, version: ApiVersion, settings: &Settings) -> OpenApi {
    let domains: Vec<&Domain> = program.programs_first().collect();
    let prefix = version.prefix(&settings.app.api_prefix);
    let sign_in = format!("{prefix}{}", program.sign_in().unwrap_or_default());
    let about = About {
        title: &settings.app.name,
        version: program.facts.version,
        environment: settings.app.environment.as_str(),
        license: program.facts.license,
        tags: &program.tags(),
        reasons: &program.reasons(),
        login: &sign_in,
        idempotency_keys: settings.idempotency.enabled,
    };
    let mut openapi = finish(routes_of(&domains, version, settings), &about);
    if let Some(deprecation) = program.deprecated.get(&version) {
        deprecate_all(&mut openapi, &prefix, deprecation);
    }
    for amend in program.domains.iter().flat_map(|domain| &domain.amendments) {
        amend(&mut openapi, settings);
    }
    declare_limits(&mut openapi, |path| limits::is_limited(program, &prefix, path));
    openapi
}

/// The routes of domains in a version, and those at the root, as they declare them.
pub(crate) fn routes_of(domains: &[&Domain], version: ApiVersion, settings: &Settings) -> OpenApi {
    let prefix = version.prefix(&settings.app.api_prefix);
    let routes = |config: &mut ServiceConfig<'_>| {
        for routes in domains.iter().filter_map(|domain| domain.routes.get(&version)).flatten() {
            routes(config);
        }
    };
    let at_root = |config: &mut ServiceConfig<'_>| {
        for domain in domains {
            domain.root_routes.iter().for_each(|routes| routes(config));
        }
    };
    let app =
        App::new().into_utoipa_app().service(scope(prefix.as_str()).configure(routes)).configure(at_root);
    app.split_for_parts().1
}

/// The documents of the versions after the first, by name.
pub(crate) fn further(program: &Program, settings: &Settings) -> Vec<(String, OpenApi)> {
    let versions = program.versions().into_iter().filter(|version| *version != ApiVersion::FIRST);
    versions.map(|version| (version.to_string(), openapi(program, version, settings))).collect()
}

/// Every route of the public listener: those of the API documents, the front page and, where they are on, the pages that
/// show the documents.
pub(crate) fn public_routes(
    settings: &Settings,
    first: &OpenApi,
    further: &[(String, OpenApi)],
) -> RouteTable {
    let mut routes = route_table(first);
    for (_, document) in further {
        for (method, pattern, access) in route_table(document).iter() {
            routes = routes.with(method.clone(), pattern, access.clone());
        }
    }
    let routes = FrontPage::declare(routes);
    if !settings.docs_enabled() {
        return routes;
    }
    let names: Vec<String> = further.iter().map(|(name, _)| name.clone()).collect();
    Documents::declare(routes, &names)
}

/// The documents and their viewers, where the settings want them served.
pub(crate) fn documents(
    settings: &Settings,
    first: &OpenApi,
    further: &[(String, OpenApi)],
) -> Result<Option<Documents>, Error> {
    if !settings.docs_enabled() {
        return Ok(None);
    }
    let documents = further.iter().try_fold(Documents::new(first)?, |documents, (name, document)| {
        documents.with_version(name, document)
    })?;
    Ok(Some(documents))
}

/// Every route of the management listener, which stand in no public document.
pub(crate) fn private_routes() -> RouteTable {
    route_table(&App::new().into_utoipa_app().configure(management::routes).split_for_parts().1)
}
