//! What every domain is built on: time, randomness, the database, Redis, the cache, the signing secret.

use std::{io, sync::Arc};

use palisade_auth::WeakSecret;
use palisade_cache::Caching;
use palisade_core::{Clock, Ids, Random, Secret};
use palisade_database::{Database, Startup};
use palisade_redis::Redis;
use palisade_resilience::Breaker;

use crate::{
    base::Base,
    caching::{self, Ground},
    failure::Failure,
    local_secret::{self, SecretError},
    observability::Observability,
    security_alerts::{Telling, Webhook},
    settings::{Settings, missing_secret},
};

/// What every domain is built on.
pub struct Foundation {
    /// The settings.
    pub settings: Settings,
    /// Where measurements go.
    pub observability: Observability,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub random: Arc<dyn Random>,
    /// Makes ids.
    pub ids: Ids,
    /// The database.
    pub database: Database,
    /// Redis, where the settings name one; it may be lost at any time, at the start too.
    pub redis: Option<Redis>,
    /// What answers are cached with, where they are.
    pub caching: Option<Caching>,
    /// What signs access tokens.
    pub signing_secret: Secret,
    /// Tells a webhook of security alerts, where there is one.
    pub telling: Option<Telling>,
}

impl Foundation {
    /// Reads or makes the signing secret and connects to the database, for which `startup` waits, and to Redis.
    ///
    /// # Errors
    /// When a setting can never work, or the database is not there in time.
    pub async fn lay(base: &Base, startup: &mut Startup) -> Result<Self, Failure> {
        let (settings, observability) = (base.settings.clone(), base.observability.clone());
        let (clock, random, ids) = (Arc::clone(&base.clock), Arc::clone(&base.random), base.ids.clone());
        let signing_secret = signing_secret(&settings, random.as_ref())?;
        let telemetry = &observability.telemetry;
        let database = connect(&settings, Arc::clone(&clock), startup).await?;
        database.measure(telemetry);
        let redis = connect_to_redis(&settings).await?;
        redis.iter().for_each(|redis| redis.measure(telemetry));
        let caching = caching::caching(&Ground {
            settings: &settings,
            redis: redis.as_ref(),
            clock: &clock,
            random: &random,
            signing_secret: &signing_secret,
            telemetry: settings.measures().then_some(telemetry),
        });
        let telling = telling(&settings, &observability, &signing_secret, (&clock, &ids))?;
        Ok(Self {
            settings,
            observability,
            clock,
            random,
            ids,
            database,
            redis,
            caching,
            signing_secret,
            telling,
        })
    }

    /// The circuit breakers of what the server stands on.
    pub fn breakers(&self) -> impl Iterator<Item = &Breaker> {
        let webhook = self.telling.as_ref().and_then(Telling::breaker);
        self.database.breaker().into_iter().chain(self.redis.as_ref().map(Redis::breaker)).chain(webhook)
    }
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
        match &error {
            ComposeError::Secret(_) => Self::Setting { key: "auth.jwt_secret", message: error.to_string() },
            ComposeError::LocalSecret(cause) => Self::unusable("app.data_dir", error.to_string(), cause),
            ComposeError::Threads(_) => Self::Other(error.into()),
        }
    }
}

/// What tells the webhook of the settings, where they name one.
fn telling(
    settings: &Settings,
    observability: &Observability,
    signing_secret: &Secret,
    made_by: (&Arc<dyn Clock>, &Ids),
) -> Result<Option<Telling>, Failure> {
    let alerts = observability.alerts.as_ref().and_then(|alerts| alerts.take_alerts());
    let (Some(url), Some(alerts)) = (&settings.security.alert_webhook_url, alerts) else { return Ok(None) };
    let webhook = Webhook::new(url.expose(), settings, signing_secret, made_by, &observability.telemetry);
    let webhook = webhook.map_err(|error| Failure::Setting {
        key: "security.alert_webhook_url",
        message: error.to_string(),
    })?;
    Ok(Some(webhook.tell(alerts)))
}

/// The secret of the settings, or in development that of this machine.
pub(crate) fn signing_secret(settings: &Settings, random: &dyn Random) -> Result<Secret, Failure> {
    let environment = settings.app.environment;
    match &settings.auth.jwt_secret {
        Some(secret) => Ok(secret.clone()),
        None if !environment.is_development() => {
            Err(Failure::Setting { key: "auth.jwt_secret", message: missing_secret(environment) })
        }
        None => Ok(local_secret::read_or_make(&settings.app.data_dir, random).map_err(ComposeError::from)?),
    }
}

/// Connects to the Redis of the settings, where they name one; it may be lost.
///
/// # Errors
/// A configuration report that names the setting, without the password.
pub(crate) async fn connect_to_redis(settings: &Settings) -> Result<Option<Redis>, Failure> {
    let redis = Redis::connect(&settings.redis).await;
    redis.map_err(|error| Failure::Setting { key: "redis.url", message: error.to_string() })
}

/// Connects to the database of the settings, for which `startup` waits.
///
/// # Errors
/// [`Failure::Setting`] for what can never work, [`Failure::NotThere`] for a database that is not there in time; both
/// without the password.
pub async fn connect(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    startup: &mut Startup,
) -> Result<Database, Failure> {
    let database = settings.database();
    startup.attempt(async || Database::connect(&database, Arc::clone(&clock)).await).await.map_err(refused)
}

/// What a failure of the database means for a program that needs it to begin.
pub(crate) fn refused(error: palisade_database::Error) -> Failure {
    use palisade_database::Error;
    let key = "database.url";
    let text = palisade_config::redact::urls_within(&chain(&error));
    match error {
        Error::Configuration(_) => Failure::Setting { key, message: format!("leads to no database: {text}") },
        Error::Unavailable { reason, .. } => {
            let reason = palisade_config::redact::urls_within(&reason);
            Failure::NotThere { key, message: format!("the database cannot be reached: {reason}") }
        }
        _ => Failure::NotThere { key, message: format!("the database cannot be used: {text}") },
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
