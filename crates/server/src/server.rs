//! What a server is made of.

use std::{collections::BTreeMap, sync::Arc};

use palisade_cache::Cache;
use palisade_config::figment::Provider as SettingsProvider;
use palisade_core::{Clock, Random, SystemClock, SystemRandom, error::ErrorBody};
use palisade_http::{
    access::Authenticator,
    deprecation::Deprecation,
    layer::{Foreign, ForeignTransform},
    trace::{SpanMaker, request_span},
};
use palisade_idempotency::IdempotencyStore;
use palisade_ratelimit::RateLimiter;
use palisade_telemetry::metrics::Telemetry;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    domain::{ApiVersion, Domain},
    factory::Factory,
    failure::Failure,
    foundation::Foundation,
    position::Position,
    provider::Provider,
    settings::SettingsSource,
};

/// What a server is made of: domains, and replacements for its defaults. It becomes a command line by [`main`](Self::main)
/// or, checked, a [`Program`](crate::Program) that can be served in many ways.
///
/// ```no_run
/// use palisade_server::{Domain, Server};
///
/// fn main() -> std::process::ExitCode {
///     Server::new("books").version(env!("CARGO_PKG_VERSION")).domain(Domain::new("books")).main()
/// }
/// ```
pub struct Server {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) about: &'static str,
    pub(crate) license: &'static str,
    pub(crate) domains: Vec<Domain>,
    /// What belongs to no other domain.
    pub(crate) own: Domain,
    pub(crate) replacements: Vec<Provider>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) receivers: Vec<Arc<dyn Telemetry>>,
    pub(crate) sources: Vec<SettingsSource>,
    pub(crate) error_body: Option<Arc<dyn ErrorBody>>,
    pub(crate) layers: Vec<(Position, Foreign)>,
    pub(crate) request_span: SpanMaker,
    pub(crate) deprecated: BTreeMap<ApiVersion, Deprecation>,
}

impl Server {
    /// A server without domains. `name` is that of the program, for its command line.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            version: "0.0.0",
            about: "A server made with Palisade. Without a command it serves.",
            license: "",
            domains: Vec::new(),
            own: Domain::new("program"),
            replacements: Vec::new(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            receivers: Vec::new(),
            sources: Vec::new(),
            error_body: None,
            layers: Vec::new(),
            request_span,
            deprecated: BTreeMap::new(),
        }
    }

    /// The version of the program: `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// A sentence about the program, for its command line.
    #[must_use]
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// The licence of the API, as an SPDX expression, for the API document.
    #[must_use]
    pub fn license(self, license: &'static str) -> Self {
        Self { license, ..self }
    }

    /// Adds a domain. The order of domains is the order of their routes, and of their steps at the start.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<Domain>) -> Self {
        self.domains.push(domain.into());
        self
    }

    /// Adds routes under the API prefix that belong to no other domain. They take part in everything that the routes of
    /// domains do.
    #[must_use]
    pub fn routes(self, routes: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static) -> Self {
        Self { own: self.own.routes(routes), ..self }
    }

    /// Deprecates a whole version of the API. Every answer under its prefix says so (`Deprecation`, `Sunset`, `Link`), and so
    /// does its document. A route that is deprecated by itself keeps its own dates.
    ///
    /// ```
    /// use palisade_http::deprecation::Deprecation;
    /// use palisade_server::{ApiVersion, Server};
    ///
    /// let (since, sunset) = ("2026-12-01".parse()?, "2027-06-01".parse()?);
    /// let first = Deprecation::new(since, Some(sunset), Some("/api/v2"))?;
    /// let server = Server::new("books").deprecate(ApiVersion::FIRST, first);
    /// # let _ = server;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn deprecate(mut self, version: ApiVersion, deprecation: Deprecation) -> Self {
        self.deprecated.insert(version, deprecation);
        self
    }

    /// Replaces a service of a domain, or of the server itself, by another of the same type: an `Arc<dyn UserStore>` by
    /// another `Arc<dyn UserStore>`.
    #[must_use]
    pub fn replace<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs>,
        F::Output: Clone + Send + Sync,
    {
        self.replacements.push(Provider::new(factory));
        self
    }

    /// Counts requests with another limiter.
    #[must_use]
    pub fn rate_limiter<L: RateLimiter + 'static>(
        self,
        limiter: impl Fn(&Foundation) -> L + Send + Sync + 'static,
    ) -> Self {
        self.replace(made(move |foundation| Arc::new(limiter(foundation)) as Arc<dyn RateLimiter>))
    }

    /// Caches with another cache.
    #[must_use]
    pub fn cache<C: Cache + 'static>(self, cache: impl Fn(&Foundation) -> C + Send + Sync + 'static) -> Self {
        self.replace(made(move |foundation| Arc::new(cache(foundation)) as Arc<dyn Cache>))
    }

    /// Keeps the answers to requests with an `Idempotency-Key` in another store.
    #[must_use]
    pub fn idempotency_store<S: IdempotencyStore + 'static>(
        self,
        store: impl Fn(&Foundation) -> S + Send + Sync + 'static,
    ) -> Self {
        self.replace(made(move |foundation| Arc::new(store(foundation)) as Arc<dyn IdempotencyStore>))
    }

    /// Finds out who calls in another way. It stands in place of the authenticator that a domain brings, or alone.
    #[must_use]
    pub fn authenticator<A: Authenticator + 'static>(
        self,
        authenticator: impl Fn(&Foundation) -> A + Send + Sync + 'static,
    ) -> Self {
        self.replace(made(move |foundation| Arc::new(authenticator(foundation)) as Arc<dyn Authenticator>))
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Takes randomness from another source. It makes secrets.
    #[must_use]
    pub fn random(self, random: Arc<dyn Random>) -> Self {
        Self { random, ..self }
    }

    /// Adds a receiver of everything that is measured, beside those that the settings name.
    #[must_use]
    pub fn telemetry(mut self, receiver: Arc<dyn Telemetry>) -> Self {
        self.receivers.push(receiver);
        self
    }

    /// Adds a source of settings, any provider of `figment`: a secret store, a file of another kind. It is stronger than
    /// files and weaker than environment variables; of two, the later one is stronger.
    #[must_use]
    pub fn settings_source<P: SettingsProvider>(
        mut self,
        name: &'static str,
        source: impl Fn() -> P + Send + Sync + 'static,
    ) -> Self {
        self.sources.push(SettingsSource::new(name, move || source().data().map_err(Box::new)));
        self
    }

    /// Gives error bodies another form.
    #[must_use]
    pub fn error_body(self, body: impl ErrorBody + 'static) -> Self {
        Self { error_body: Some(Arc::new(body)), ..self }
    }

    /// Puts a layer of the ecosystem, any actix-web `Transform`, among those of the server. `make` is called once for each
    /// worker.
    #[must_use]
    pub fn layer<T: ForeignTransform>(
        mut self,
        position: Position,
        make: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        self.layers.push((position, Foreign::new(make)));
        self
    }

    /// Makes the spans of requests in another way, as a rule by `palisade_http::request_span!` with more fields.
    #[must_use]
    pub fn request_span(self, make: SpanMaker) -> Self {
        Self { request_span: make, ..self }
    }

    /// Lets handlers take `RootSpan` and `RequestId` of the crate `tracing-actix-web`. Adds the middleware of
    /// [`palisade_http::root_span`], outside of the layers at [`Position::Edge`], also when tracing is off: without it these
    /// extractors fail. A program with few such handlers wraps their scope in the middleware instead, so that other routes do
    /// not pay for it.
    #[cfg(feature = "tracing-actix-web")]
    #[must_use]
    pub fn root_spans(mut self) -> Self {
        self.layers.insert(0, (Position::Edge, Foreign::new(palisade_http::root_span::middleware)));
        self
    }
}

/// A factory that neither waits nor fails.
fn made<T: 'static>(
    make: impl Fn(&Foundation) -> T + Send + Sync + 'static,
) -> impl Fn(Arc<Foundation>) -> std::future::Ready<Result<T, Failure>> + Send + Sync + 'static {
    move |foundation| std::future::ready(Ok(make(&foundation)))
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name)
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}
