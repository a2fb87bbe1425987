//! The composition root: settings → the parts of the server. The only place that chooses between backends.

use std::{io, sync::Arc, time::Duration};

use palisade_auth::WeakSecret;
use palisade_core::{Clock, Ids, Random, Secret, SystemClock, SystemRandom};
use palisade_database::{Database, Migrator};
use palisade_health::{Lifecycle, Registry, routes::Health};
use palisade_http::{
    docs::{self, Documents, ErrorPages},
    error::ErrorTotals,
    routes::RouteTable,
};

use crate::{
    checks::DatabaseCheck,
    domains::{self, Services},
    failure::Failure,
    first_admin::FirstAdmin,
    local_secret::{self, SecretError},
    pipeline,
    settings::Settings,
};

/// How long one health check may take, and how long its verdict is given again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const CHECK_CACHED_FOR: Duration = Duration::from_secs(1);

/// What every domain is built on.
pub struct Foundation {
    /// The settings.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub random: Arc<dyn Random>,
    /// Makes ids.
    pub ids: Ids,
    /// The database.
    pub database: Database,
    /// What signs access tokens.
    pub signing_secret: Secret,
}

/// Why the parts could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The signing secret is unfit.
    #[error(transparent)]
    Secret(#[from] WeakSecret),
    /// The signing secret of this machine can be neither read nor made.
    #[error(transparent)]
    LocalSecret(#[from] SecretError),
    /// The operating system gives no threads.
    #[error("the hashing threads cannot start: {0}")]
    Threads(#[from] io::Error),
}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        let key = match &error {
            ComposeError::Secret(_) => "auth.jwt_secret",
            ComposeError::LocalSecret(_) => "app.data_dir",
            ComposeError::Threads(_) => return Self::Other(error.into()),
        };
        Self::Setting { key, message: error.to_string() }
    }
}

/// The parts of a server, shared by all its workers.
pub struct Parts {
    /// What the domains stand on.
    pub foundation: Foundation,
    /// The domains' services.
    pub services: Services,
    /// What the health routes tell about.
    pub health: Arc<Health>,
    /// The one-time link that makes the first admin.
    pub first_admin: FirstAdmin,
    /// Who may call what on the public listener.
    pub routes: Arc<RouteTable>,
    /// The same for the management listener.
    pub management_routes: Arc<RouteTable>,
    /// The API document and its viewers, where they are served.
    pub documents: Option<Documents>,
    /// The pages about errors.
    pub error_pages: ErrorPages,
    /// How many errors of each kind have been answered, by all workers together.
    pub error_totals: ErrorTotals,
}

/// Builds everything that a server or a command needs. Nothing listens yet.
///
/// # Errors
/// When the settings lead nowhere: the report names the setting.
pub async fn compose(settings: Settings) -> Result<Parts, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let signing_secret = match &settings.auth.jwt_secret {
        Some(secret) => secret.clone(),
        None => {
            local_secret::read_or_make(&settings.app.data_dir, random.as_ref()).map_err(ComposeError::from)?
        }
    };
    let database = connect(&settings, Arc::clone(&clock)).await?;
    let health = health(&settings, &database, Arc::clone(&clock));
    let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
    let openapi = pipeline::openapi(&settings);
    let mut routes = RouteTable::from_openapi(&openapi);
    let mut documents = None;
    if settings.docs_enabled() {
        routes = docs::with_routes(routes);
        documents = Some(Documents::new(&openapi).map_err(anyhow::Error::from)?);
    }
    let management_routes = RouteTable::from_openapi(&pipeline::management_openapi());
    let error_pages = ErrorPages::new(&domains::reasons());
    let foundation = Foundation { settings, clock, random, ids, database, signing_secret };
    let services = domains::build(&foundation)?;
    Ok(Parts {
        foundation,
        services,
        health: Arc::new(health),
        first_admin: FirstAdmin::default(),
        routes: Arc::new(routes),
        management_routes: Arc::new(management_routes),
        documents,
        error_pages,
        error_totals: ErrorTotals::new(),
    })
}

/// Connects to the database of the settings.
///
/// # Errors
/// A configuration report that names the setting, without the password.
pub async fn connect(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Database, Failure> {
    Database::connect(&settings.database(), clock).await.map_err(|error| Failure::Setting {
        key: "database.url",
        message: format!("leads to no database: {}", palisade_config::redact::urls_within(&chain(&error))),
    })
}

/// The migrator over every domain.
#[must_use]
pub fn migrator() -> Migrator {
    Migrator::new(domains::migrations())
}

fn health(settings: &Settings, database: &Database, clock: Arc<dyn Clock>) -> Health {
    let mut registry = Registry::new(clock, CHECK_TIMEOUT, CHECK_CACHED_FOR);
    registry.register(Arc::new(DatabaseCheck::new(database.clone())));
    Health {
        registry,
        lifecycle: Lifecycle::starting(),
        version: env!("CARGO_PKG_VERSION"),
        environment: settings.app.environment,
    }
}

/// An error with its causes, each once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut text = String::new();
    for cause in causes.map(ToString::to_string) {
        if !text.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{separator}{cause}");
        }
    }
    text
}
