//! What a domain brings to a server, in one value.

mod command;
mod events;
mod version;

use std::{any::Any, collections::BTreeMap, sync::Arc};

use futures_util::future::BoxFuture;
use palisade_config::{Layout, Named, SectionSettings};
use palisade_core::{Secret, error::Reason};
use palisade_database::Migrations;
use palisade_health::Check;
use palisade_telemetry::metrics::Declaration;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    factory::Factory,
    failure::Failure,
    foundation::Foundation,
    provider::Provider,
    services::{Missing, Services},
    settings::Settings,
};
pub(crate) use command::{COMMANDS, Opened};
pub use command::{Command, CommandContext};
pub(crate) use events::Subscriber;
pub use version::ApiVersion;

/// Adds routes to an application.
pub(crate) type Routes = Arc<dyn Fn(&mut ServiceConfig<'_>) + Send + Sync>;
/// Changes the API document.
pub(crate) type Amend = Arc<dyn Fn(&mut OpenApi, &Settings) + Send + Sync>;
/// A step of the start or of the stop.
pub(crate) type Step<T> = Arc<
    dyn Fn(Arc<Foundation>, &Services) -> Result<BoxFuture<'static, Result<T, Failure>>, Missing>
        + Send
        + Sync,
>;

/// Everything that a domain brings to a server. A domain registers nothing anywhere else.
///
/// Each part has a good default for a domain that does not have it. Two domains that bring the same thing (a migration's
/// version, a metric of another type, a route, a settings section, a service) cannot be in one server: its build fails and
/// names both.
///
/// ```
/// use palisade_server::Domain;
///
/// pub fn domain() -> Domain {
///     Domain::new("notes").permission("notes:read", "See everybody's notes.").grant("auditor", ["notes:read"])
/// }
/// # domain();
/// ```
#[derive(Clone)]
pub struct Domain {
    pub(crate) name: &'static str,
    pub(crate) migrations: Vec<&'static Migrations>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) metrics: Vec<Declaration>,
    pub(crate) permissions: Vec<(&'static str, &'static str)>,
    pub(crate) grants: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) tags: Vec<(&'static str, &'static str)>,
    pub(crate) routes: BTreeMap<ApiVersion, Vec<Routes>>,
    pub(crate) root_routes: Vec<Routes>,
    pub(crate) limited: Vec<&'static str>,
    pub(crate) amendments: Vec<Amend>,
    pub(crate) sections: Vec<Section>,
    pub(crate) root_secret: Option<fn(&Settings) -> Option<&Secret>>,
    pub(crate) sign_in: Option<&'static str>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) events: Vec<(&'static str, &'static str)>,
    pub(crate) subscribers: Vec<Subscriber>,
    pub(crate) checks: Vec<Step<Arc<dyn Check>>>,
    pub(crate) starts: Vec<Step<Vec<Notice>>>,
    pub(crate) stops: Vec<Step<()>>,
    pub(crate) commands: Vec<Command>,
    pub(crate) contributions: Vec<Arc<dyn Any + Send + Sync>>,
}

/// A settings section.
#[derive(Clone, Copy)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) add: fn(Layout<Settings>, &'static str) -> Layout<Settings>,
}

/// A line for whoever started the server by hand, such as a link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A name for programs, such as `users.first_admin`.
    pub name: &'static str,
    /// What the address is for, in a sentence.
    pub text: String,
    /// A path on the public listener.
    pub path: String,
}

impl Domain {
    /// A domain that has nothing yet. Its name says who something belongs to when the build of a server fails.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            migrations: Vec::new(),
            reasons: Vec::new(),
            metrics: Vec::new(),
            permissions: Vec::new(),
            grants: Vec::new(),
            tags: Vec::new(),
            routes: BTreeMap::new(),
            root_routes: Vec::new(),
            limited: Vec::new(),
            amendments: Vec::new(),
            sections: Vec::new(),
            root_secret: None,
            sign_in: None,
            providers: Vec::new(),
            events: Vec::new(),
            subscribers: Vec::new(),
            checks: Vec::new(),
            starts: Vec::new(),
            stops: Vec::new(),
            commands: Vec::new(),
            contributions: Vec::new(),
        }
    }

    /// Changes to the schema of the database. Those of all domains are applied in the order of their versions.
    #[must_use]
    pub fn migrations(mut self, migrations: &'static Migrations) -> Self {
        self.migrations.push(migrations);
        self
    }

    /// Names for what goes wrong, for the catalogue of errors.
    #[must_use]
    pub fn reasons(mut self, reasons: &[Reason]) -> Self {
        self.reasons.extend(reasons);
        self
    }

    /// What is measured.
    #[must_use]
    pub fn metrics(mut self, groups: &[&[Declaration]]) -> Self {
        self.metrics.extend(groups.iter().copied().flatten().copied());
        self
    }

    /// A permission, such as `notes:read`, and what it allows. A route can ask only for permissions that some domain has.
    #[must_use]
    pub fn permission(mut self, name: &'static str, allows: &'static str) -> Self {
        self.permissions.push((name, allows));
        self
    }

    /// Gives a role these permissions.
    #[must_use]
    pub fn grant(mut self, role: &'static str, permissions: impl IntoIterator<Item = &'static str>) -> Self {
        self.grants.push((role, permissions.into_iter().collect()));
        self
    }

    /// The groups of the routes in the API document, each with what it is for.
    #[must_use]
    pub fn tags(mut self, tags: &[(&'static str, &'static str)]) -> Self {
        self.tags.extend(tags);
        self
    }

    /// Routes under the API prefix, in the first version of the API. Each says in `security(…)` of `#[utoipa::path]` who
    /// may call it.
    #[must_use]
    pub fn routes(self, routes: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static) -> Self {
        self.routes_of(ApiVersion::FIRST, routes)
    }

    /// Routes under the API prefix of a version: `/api/v2` beside `/api/v1`.
    #[must_use]
    pub fn routes_of(
        mut self,
        version: ApiVersion,
        routes: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.routes.entry(version).or_default().push(Arc::new(routes));
        self
    }

    /// Routes at the root, outside of the API prefix.
    #[must_use]
    pub fn root_routes(mut self, routes: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static) -> Self {
        self.root_routes.push(Arc::new(routes));
        self
    }

    /// Names a route at the root that has a rate limit of its own, so that the API document says so. Those under the API
    /// prefix share the limit of the whole API.
    #[must_use]
    pub fn limited_root_route(mut self, pattern: &'static str) -> Self {
        self.limited.push(pattern);
        self
    }

    /// Changes the API document after all routes are in it: for what only the settings know.
    #[must_use]
    pub fn amend_document(mut self, amend: impl Fn(&mut OpenApi, &Settings) + Send + Sync + 'static) -> Self {
        self.amendments.push(Arc::new(amend));
        self
    }

    /// A settings section. It is documented, checked and explained as the server's own are; services find it by
    /// [`Settings::section`].
    #[must_use]
    pub fn settings<S: SectionSettings>(mut self, name: &'static str) -> Self {
        self.sections.push(Section { name, add: Layout::with::<S> });
        self
    }

    /// Settings that stand once for each name that the operator chooses, such as those of several identity providers: with
    /// `providers`, `[providers.google]` in a file and `PROVIDERS_GOOGLE_CLIENT_ID` in the environment. Each item is an
    /// `S`; services find them by [`Settings::named`].
    #[must_use]
    pub fn named_settings<S: SectionSettings>(self, name: &'static str) -> Self {
        self.settings::<Named<S>>(name)
    }

    /// Where this domain's settings hold the secret from which the server derives its keys, unless `app.secret` is set.
    #[must_use]
    pub fn root_secret(mut self, secret: fn(&Settings) -> Option<&Secret>) -> Self {
        self.root_secret = Some(secret);
        self
    }

    /// The path below the API prefix where a password form signs in, for the API document.
    #[must_use]
    pub fn sign_in(mut self, path: &'static str) -> Self {
        self.sign_in = Some(path);
        self
    }

    /// A service: what `factory` makes, once per server. Other services name its type among their arguments, handlers
    /// find it as `web::Data`. For one that can be replaced, make an `Arc<dyn Trait>`.
    #[must_use]
    pub fn service<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs>,
        F::Output: Clone + Send + Sync,
    {
        self.providers.push(Provider::new(factory));
        self
    }

    /// A health check.
    #[must_use]
    pub fn health_check<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs, Output = Arc<dyn Check>>,
    {
        self.checks.push(step(factory, |check| check));
        self
    }

    /// A step before the server takes requests, after migrations and in the order of domains. A failure ends the start.
    #[must_use]
    pub fn on_start<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs, Output = ()>,
    {
        self.starts.push(step(factory, |()| Vec::new()));
        self
    }

    /// The same, with lines for whoever started the server by hand.
    #[must_use]
    pub fn announce<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs, Output = Vec<Notice>>,
    {
        self.starts.push(step(factory, |notices| notices));
        self
    }

    /// A step after the last request, in the reverse order of domains, within 5 seconds.
    #[must_use]
    pub fn on_stop<Needs, F>(mut self, factory: F) -> Self
    where
        F: Factory<Needs, Output = ()>,
    {
        self.stops.push(step(factory, |()| ()));
        self
    }

    /// A command of the command line.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// A value for the domain that collects values of this type: an entry of its menu, a task that it runs. It finds them by
    /// [`Facts::contributions`](crate::Facts::contributions).
    #[must_use]
    pub fn contribute<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.contributions.push(Arc::new(value));
        self
    }
}

fn step<Needs, F, T>(factory: F, finish: impl Fn(F::Output) -> T + Copy + Send + Sync + 'static) -> Step<T>
where
    F: Factory<Needs>,
    T: 'static,
{
    Arc::new(move |foundation, services| {
        let making = factory.make(foundation, services)?;
        Ok(Box::pin(async move { Ok(finish(making.await?)) }))
    })
}

impl std::fmt::Debug for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Domain").field("name", &self.name).finish_non_exhaustive()
    }
}
