//! Whether the parts of a server fit together.

use std::{any::TypeId, collections::BTreeMap, fmt, sync::Arc};

use actix_web::http::Method;
use palisade_config::Layout;
use palisade_http::{access::Authenticator, routes::Access};
use palisade_telemetry::metrics::Declaration;

use crate::{
    builtin, document,
    domain::{ApiVersion, COMMANDS, Domain, Subscriber},
    facts::Facts,
    failure::Failure,
    program::{Program, duplicates},
    provider::{self, Provider},
    server::Server,
    services::Need,
    settings::Settings,
};

/// Why a server cannot be built: everything that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError(Vec<String>);

impl BuildError {
    /// Each problem, in a sentence that names those who are part of it.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this server cannot be built:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for BuildError {}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Configuration(error.to_string())
    }
}

impl Server {
    /// Checks that everything fits together.
    ///
    /// # Errors
    /// Every collision and every gap, each with the names of those who are part of it.
    pub fn build(self) -> Result<Arc<Program>, BuildError> {
        program(self).map(Arc::new)
    }
}

fn program(server: Server) -> Result<Program, BuildError> {
    let mut problems = Vec::new();
    let domains: Vec<Domain> =
        builtin::domains().into_iter().chain(server.domains).chain([server.own]).collect();
    check_names(&domains, &mut problems);
    check_migrations(&domains, &mut problems);
    check_reasons(&domains, &mut problems);
    check_metrics(&domains, &mut problems);
    check_commands(&domains, &mut problems);
    check_events(&domains, &mut problems);
    check_routes(&domains, &mut problems);
    check_deprecated(&domains, server.deprecated.keys(), &mut problems);
    let layout = layout(&domains, &mut problems);
    let providers = providers(&domains, server.replacements, &mut problems);
    if !problems.is_empty() {
        return Err(BuildError(problems));
    }
    let facts = Facts {
        name: server.name,
        version: server.version,
        license: server.license,
        permissions: domains.iter().flat_map(|domain| domain.permissions.iter().copied()).collect(),
        grants: domains.iter().flat_map(|domain| domain.grants.iter().cloned()).collect(),
        contributions: domains
            .iter()
            .flat_map(|domain| domain.contributions.iter().map(|value| (domain.name, Arc::clone(value))))
            .collect(),
        metrics: metrics(&domains),
        receivers: server.receivers,
        clock: server.clock,
        random: server.random,
    };
    Ok(Program {
        facts: Arc::new(facts),
        about: server.about,
        domains,
        own: builtin::COUNT,
        providers,
        layout,
        sources: server.sources,
        error_body: server.error_body,
        layers: server.layers,
        request_span: server.request_span,
        deprecated: server.deprecated,
    })
}

fn check_names(domains: &[Domain], problems: &mut Vec<String>) {
    if domains.iter().any(|domain| domain.name.trim().is_empty()) {
        problems.push("a domain has no name".to_owned());
    }
    for (name, ..) in duplicates(domains.iter().map(|domain| (domain.name, domain.name))) {
        problems.push(format!("there are two domains of the name `{name}`"));
    }
}

fn check_migrations(domains: &[Domain], problems: &mut Vec<String>) {
    let versions = domains.iter().flat_map(|domain| {
        let files = domain.migrations.iter().flat_map(|migrations| migrations.files);
        files.map(|file| (file.version, domain.name))
    });
    for (version, first, second) in duplicates(versions) {
        problems.push(format!(
            "the domains `{first}` and `{second}` both have a migration of the version {version}"
        ));
    }
}

fn check_reasons(domains: &[Domain], problems: &mut Vec<String>) {
    let reasons =
        domains.iter().flat_map(|domain| domain.reasons.iter().map(|reason| (reason.name, domain.name)));
    for (reason, first, second) in duplicates(reasons) {
        problems.push(format!("the domains `{first}` and `{second}` both have the reason `{reason}`"));
    }
}

/// One metric may be declared by several domains, if they mean the same by it.
fn check_metrics(domains: &[Domain], problems: &mut Vec<String>) {
    let mut known: BTreeMap<&str, (&Declaration, &str)> = BTreeMap::new();
    for domain in domains {
        for metric in &domain.metrics {
            let (first, owner) = *known.entry(metric.name).or_insert((metric, domain.name));
            if first.kind != metric.kind || first.labels != metric.labels || first.buckets != metric.buckets {
                problems.push(format!(
                    "the domains `{owner}` and `{}` declare the metric `{}` with different types, labels or buckets",
                    domain.name, metric.name
                ));
            }
        }
    }
}

/// Each metric once.
fn metrics(domains: &[Domain]) -> Vec<Declaration> {
    let mut metrics: Vec<Declaration> = Vec::new();
    for metric in domains.iter().flat_map(|domain| &domain.metrics) {
        if metrics.iter().all(|known| known.name != metric.name) {
            metrics.push(*metric);
        }
    }
    metrics
}

fn check_commands(domains: &[Domain], problems: &mut Vec<String>) {
    let own = COMMANDS.iter().map(|name| (*name, "server"));
    let theirs =
        domains.iter().flat_map(|domain| domain.commands.iter().map(|command| (command.name, domain.name)));
    for (command, first, second) in duplicates(own.chain(theirs)) {
        problems.push(format!("the domains `{first}` and `{second}` both have the command `{command}`"));
    }
}

fn check_events(domains: &[Domain], problems: &mut Vec<String>) {
    let events: Vec<_> = domains
        .iter()
        .flat_map(|domain| domain.events.iter().map(|(event, _)| (*event, domain.name)))
        .collect();
    for (event, first, second) in duplicates(events.iter().copied()) {
        problems.push(format!("the domains `{first}` and `{second}` both have the event `{event}`"));
    }
    let names = domains.iter().flat_map(|domain| {
        domain.subscribers.iter().filter_map(|subscriber| Some((subscriber.name?, domain.name)))
    });
    for (name, first, second) in duplicates(names) {
        problems.push(format!("the domains `{first}` and `{second}` both have the subscriber `{name}`"));
    }
    for domain in domains {
        for subscriber in domain.subscribers.iter().filter(|subscriber| !subscriber.is_optional) {
            let event = subscriber.event;
            if events.iter().all(|(known, _)| *known != event) {
                let name = domain.name;
                problems
                    .push(format!("the domain `{name}` hears of the event `{event}`, which no domain has"));
            }
        }
    }
}

fn check_routes(domains: &[Domain], problems: &mut Vec<String>) {
    let settings = Settings::default();
    let permissions: Vec<&str> =
        domains.iter().flat_map(|domain| &domain.permissions).map(|(permission, _)| *permission).collect();
    let mut routes: Vec<((String, String), &'static str)> = Vec::new();
    for domain in domains {
        for (method, pattern, access) in declared(domain, &settings) {
            let route = format!("{method} {pattern}");
            check_access(domain.name, &route, &access, &permissions, problems);
            routes.push(((pattern, method.to_string()), domain.name));
        }
    }
    for ((pattern, method), first, second) in duplicates(routes) {
        problems.push(format!("the domains `{first}` and `{second}` both have the route {method} {pattern}"));
    }
}

fn check_deprecated<'a>(
    domains: &[Domain],
    deprecated: impl Iterator<Item = &'a ApiVersion>,
    problems: &mut Vec<String>,
) {
    for version in
        deprecated.filter(|version| domains.iter().all(|domain| !domain.routes.contains_key(version)))
    {
        problems.push(format!(
            "the program deprecates the version {version} of the API, in which no domain has routes"
        ));
    }
}

fn check_access(domain: &str, route: &str, access: &Access, known: &[&str], problems: &mut Vec<String>) {
    match access {
        Access::Public => {}
        Access::Caller(permissions) => {
            for permission in permissions.iter().filter(|permission| !known.contains(&permission.as_str())) {
                problems.push(format!(
                    "the route {route} of the domain `{domain}` asks for the permission `{permission}`, which no domain has"
                ));
            }
        }
        Access::Undeclared => problems.push(format!(
            "the route {route} of the domain `{domain}` does not say who may call it: `security(…)` is missing"
        )),
    }
}

/// Every route of a domain, with who may call it.
fn declared(domain: &Domain, settings: &Settings) -> Vec<(Method, String, Access)> {
    let mut versions: Vec<ApiVersion> = domain.routes.keys().copied().collect();
    versions.push(ApiVersion::FIRST);
    versions.sort_unstable();
    versions.dedup();
    let documents = versions.into_iter().map(|version| document::routes_of(&[domain], version, settings));
    let mut routes: Vec<(Method, String, Access)> = Vec::new();
    for document in documents {
        for (method, pattern, access) in palisade_openapi::route_table(&document).iter() {
            let route = (method.clone(), pattern.to_owned(), access.clone());
            // The routes at the root are in the document of each version.
            if !routes.contains(&route) {
                routes.push(route);
            }
        }
    }
    routes
}

fn layout(domains: &[Domain], problems: &mut Vec<String>) -> Layout<Settings> {
    let mut layout = Layout::new();
    for domain in domains {
        for section in &domain.sections {
            let with = (section.add)(layout.clone(), section.name);
            match with.check() {
                Ok(()) => layout = with,
                Err(error) => {
                    let owner = domains
                        .iter()
                        .find(|other| other.sections.iter().any(|other| other.name == section.name))
                        .filter(|other| other.name != domain.name)
                        .map_or("the server itself", |other| other.name);
                    problems.push(format!(
                        "the settings section of the domain `{}`: {error} ({owner})",
                        domain.name
                    ));
                }
            }
        }
    }
    layout
}

/// What provides each service, in the order in which they are made.
fn providers(domains: &[Domain], replacements: Vec<Provider>, problems: &mut Vec<String>) -> Vec<Provider> {
    let mut providers: Vec<(&'static str, Provider)> = domains
        .iter()
        .flat_map(|domain| domain.providers.iter().map(|provider| (domain.name, provider.clone())))
        .collect();
    let provided = providers.iter().map(|(domain, provider)| (provider.provides.name, *domain));
    for (service, first, second) in duplicates(provided) {
        problems.push(format!(
            "the domains `{first}` and `{second}` both provide the service `{service}`; a program chooses by \
             `Server::replace`"
        ));
    }
    let replaced = replacements.iter().map(|provider| (provider.provides.name, "the program"));
    for (service, ..) in duplicates(replaced) {
        problems.push(format!("the program replaces the service `{service}` twice"));
    }
    for replacement in replacements {
        match providers.iter_mut().find(|(_, provider)| provider.provides.id == replacement.provides.id) {
            Some(found) => *found = ("the program", replacement),
            // The server asks for one, though no domain need bring it.
            None if replacement.provides.id == TypeId::of::<Arc<dyn Authenticator>>() => {
                providers.push(("the program", replacement));
            }
            None => problems.push(format!(
                "the program replaces the service `{}`, which no domain provides",
                replacement.provides.name
            )),
        }
    }
    check_subscribers(domains, &providers, problems);
    match provider::order(&providers) {
        Ok(order) => order
            .into_iter()
            .filter_map(|index| providers.get(index))
            .map(|(_, provider)| provider.clone())
            .collect(),
        Err(found) => {
            problems.extend(found);
            Vec::new()
        }
    }
}

/// What subscribers ask for is provided.
fn check_subscribers(domains: &[Domain], providers: &[(&'static str, Provider)], problems: &mut Vec<String>) {
    for domain in domains {
        for Subscriber { event, needs, .. } in &domain.subscribers {
            let is_missing = |need: &&Need| providers.iter().all(|(_, known)| known.provides.id != need.id);
            for need in needs.iter().filter(is_missing) {
                problems.push(format!(
                    "a subscriber of the domain `{}` to the event `{event}` needs the service `{}`, which no domain \
                     provides",
                    domain.name, need.name
                ));
            }
        }
    }
}
