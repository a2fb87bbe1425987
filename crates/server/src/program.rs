//! A server whose parts were checked against each other, and everything that is known of it before it runs.

use std::{collections::BTreeMap, sync::Arc};

use palisade_config::Layout;
use palisade_core::{
    Secret,
    error::{ErrorBody, Reason},
};
use palisade_database::{Migrations, Migrator};
use palisade_http::{deprecation::Deprecation, layer::Foreign, trace::SpanMaker};
use palisade_telemetry::metrics::Declaration;
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    domain::{ApiVersion, Command, Domain},
    facts::Facts,
    failure::Failure,
    position::Position,
    provider::Provider,
    settings::{self, Loaded, Settings, SettingsSource},
};

/// A server whose parts fit together. It is made by [`Server::build`](crate::Server::build).
pub struct Program {
    pub(crate) facts: Arc<Facts>,
    pub(crate) about: &'static str,
    /// The server's own domains first, then those of the program.
    pub(crate) domains: Vec<Domain>,
    /// How many of them are the server's own.
    pub(crate) own: usize,
    /// In the order in which they are made.
    pub(crate) providers: Vec<Provider>,
    pub(crate) layout: Layout<Settings>,
    pub(crate) sources: Vec<SettingsSource>,
    pub(crate) error_body: Option<Arc<dyn ErrorBody>>,
    pub(crate) layers: Vec<(Position, Foreign)>,
    pub(crate) request_span: SpanMaker,
    /// The versions of the API that go away.
    pub(crate) deprecated: BTreeMap<ApiVersion, Deprecation>,
}

impl Program {
    /// Loads the settings of this process: its environment, the files in its working directory, the program's own sources,
    /// and `overrides` (`key=value`) from the command line.
    ///
    /// # Errors
    /// The report of every problem found.
    pub fn load_settings(&self, overrides: &[String]) -> Result<Loaded, Failure> {
        settings::load(&self.layout, &self.sources, overrides)
    }

    /// The settings where nobody sets anything.
    ///
    /// # Errors
    /// When a domain's setting has no default.
    pub fn default_settings(&self) -> Result<Settings, Failure> {
        self.settings_from(&Map::new())
    }

    /// The settings that a JSON object of sections holds, over the defaults. No rule is applied: it is for tests, and for
    /// programs that have settings of their own.
    ///
    /// # Errors
    /// Every value that cannot be read, and every setting that is not known.
    pub fn settings_from(&self, values: &Map<String, Value>) -> Result<Settings, Failure> {
        let read = self.layout.read_values(values);
        let (settings, sections) = read.map_err(|report| Failure::Configuration(report.to_string()))?;
        Ok(settings.with_sections(sections))
    }

    /// Which settings there are, and how they are read from sources that are not this process's own.
    #[must_use]
    pub fn settings_layout(&self) -> &Layout<Settings> {
        &self.layout
    }

    /// What is known of the program that its parts need.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The program's version.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.facts.version
    }

    /// The migrator over every domain.
    #[must_use]
    pub fn migrator(&self) -> Migrator {
        Migrator::new(self.migrations())
    }

    /// Every domain's names for what goes wrong.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        self.programs_first().flat_map(|domain| &domain.reasons).copied().collect()
    }

    /// Everything that is measured.
    #[must_use]
    pub fn metrics(&self) -> &[Declaration] {
        self.facts.metrics()
    }

    /// The versions of the API, the first one first.
    #[must_use]
    pub fn versions(&self) -> Vec<ApiVersion> {
        let mut versions: Vec<_> =
            self.domains.iter().flat_map(|domain| domain.routes.keys().copied()).collect();
        versions.push(ApiVersion::FIRST);
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// Where the versions of the API stand, the first one first.
    pub(crate) fn prefixes(&self, settings: &Settings) -> Vec<String> {
        let first = &settings.app.api_prefix;
        self.versions().into_iter().map(|version| version.prefix(first)).collect()
    }

    pub(crate) fn migrations(&self) -> Vec<&'static Migrations> {
        self.programs_first().flat_map(|domain| &domain.migrations).copied().collect()
    }

    /// The groups of the API document, in the order in which they are shown: what people come for, then what the server is
    /// about.
    pub(crate) fn tags(&self) -> Vec<(&'static str, &'static str)> {
        self.programs_first().flat_map(|domain| &domain.tags).copied().collect()
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.domains.iter().flat_map(|domain| &domain.commands)
    }

    /// The path where a password form signs in, under the API prefix.
    pub(crate) fn sign_in(&self) -> Option<&'static str> {
        self.domains.iter().find_map(|domain| domain.sign_in)
    }

    /// Whether a route at the root has a rate limit of its own.
    pub(crate) fn is_limited_root_route(&self, pattern: &str) -> bool {
        self.domains.iter().any(|domain| domain.limited.contains(&pattern))
    }

    /// Adds the routes of a version, in the order of domains.
    pub(crate) fn routes(&self, version: ApiVersion, config: &mut ServiceConfig<'_>) {
        for routes in self.domains.iter().filter_map(|domain| domain.routes.get(&version)).flatten() {
            routes(config);
        }
    }

    /// Adds the routes at the root.
    pub(crate) fn root_routes(&self, config: &mut ServiceConfig<'_>) {
        for routes in self.domains.iter().flat_map(|domain| &domain.root_routes) {
            routes(config);
        }
    }

    /// The program's own layers at a position, the outermost first.
    pub(crate) fn layers_at(&self, position: Position) -> Vec<Foreign> {
        let here = self.layers.iter().filter(|(at, _)| *at == position);
        here.map(|(_, layer)| layer.clone()).collect()
    }

    /// The secret in a domain's settings that stands for `app.secret`.
    pub(crate) fn domains_secret(&self, settings: &Settings) -> Option<Secret> {
        self.domains.iter().find_map(|domain| domain.root_secret?(settings)).cloned()
    }

    /// The program's domains, then the server's own: what people look for first comes first.
    pub(crate) fn programs_first(&self) -> impl Iterator<Item = &Domain> {
        let (own, programs) = self.domains.split_at(self.own.min(self.domains.len()));
        programs.iter().chain(own)
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("facts", &self.facts)
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}

/// Who brings each of several things, for messages about those that two bring.
pub(crate) fn duplicates<K: Ord + Clone>(
    things: impl IntoIterator<Item = (K, &'static str)>,
) -> Vec<(K, &'static str, &'static str)> {
    let mut first: BTreeMap<K, &'static str> = BTreeMap::new();
    let mut found = Vec::new();
    for (thing, domain) in things {
        match first.get(&thing) {
            Some(other) => found.push((thing, *other, domain)),
            None => drop(first.insert(thing, domain)),
        }
    }
    found
}
