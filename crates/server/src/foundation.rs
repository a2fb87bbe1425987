//! What services are built on: settings, time, randomness, the database, Redis, the root secret.

use std::{sync::Arc, time::Duration};

use palisade_config::{Named, SectionSettings};
use palisade_core::{Clock, Ids, Random, Secret};
use palisade_database::{Database, Startup};
use palisade_events::{Outbox, Settle, Units};
use palisade_redis::Redis;
use palisade_resilience::Breaker;
use palisade_telemetry::{LogHandle, metrics::Telemetry};
use tokio::task::spawn_blocking;

use crate::{
    facts::Facts,
    failure::Failure,
    ground::Ground,
    local_secret,
    observability::Observability,
    security_alerts::{AlertSender, Webhook},
    settings::{Settings, missing_secret},
};

/// How long the lines of a subscriber may wait for their reader before its deliveries are repeated later.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// What services are built on.
pub struct Foundation {
    ground: Arc<Ground>,
    database: Database,
    units: Units,
    redis: Option<Redis>,
    root_secret: Secret,
    alerts: Option<AlertSender>,
}

impl Foundation {
    /// Reads or makes the root secret and connects to the database, for which `startup` waits, and to Redis.
    /// `domains_secret` is the one that a domain has in its settings.
    ///
    /// # Errors
    /// When a setting can never work, or the database is not there in time.
    pub(crate) async fn connect(
        ground: Arc<Ground>,
        domains_secret: Option<Secret>,
        startup: &mut Startup,
    ) -> Result<Self, Failure> {
        let root_secret = root_secret(&ground, domains_secret)?;
        let telemetry = &ground.observability.telemetry;
        let database = connect(&ground.settings, Arc::clone(&ground.clock), telemetry, startup).await?;
        let units = Units::new(palisade_events::UnitsParts {
            outbox: Outbox::new(database.clone()),
            settings: ground.settings.events.clone(),
            clock: Arc::clone(&ground.clock),
            ids: ground.ids.clone(),
            telemetry,
            settle: ground.observability.logs.clone().map(settle),
        });
        let redis = connect_to_redis(&ground.settings, telemetry).await?;
        let alerts = alert_sender(&ground, &root_secret)?;
        Ok(Self { ground, database, units, redis, root_secret, alerts })
    }

    /// What is known of the program: its version, what roles are granted.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.ground.facts
    }

    /// The settings of the server.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.ground.settings
    }

    /// The settings section of this type.
    ///
    /// # Errors
    /// When no domain of the program has it.
    pub fn section<S: SectionSettings>(&self) -> Result<&S, Failure> {
        self.settings().section()
    }

    /// The settings of this type, by the names that the operator chose.
    ///
    /// # Errors
    /// When no domain of the program has them.
    pub fn named<S: SectionSettings>(&self) -> Result<&Named<S>, Failure> {
        self.settings().named()
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.ground.clock
    }

    /// Randomness fit for secrets.
    #[must_use]
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.ground.random
    }

    /// Makes ids.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ground.ids
    }

    /// Where measurements go.
    #[must_use]
    pub fn telemetry(&self) -> &Arc<dyn Telemetry> {
        &self.ground.observability.telemetry
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Opens units of work: writes of several stores, and the events that are recorded in them.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// Redis, where the settings name one; it may be lost at any time, at the start too.
    #[must_use]
    pub fn redis(&self) -> Option<&Redis> {
        self.redis.as_ref()
    }

    /// The secret from which keys are derived: a key for each purpose, by HKDF or HMAC, never the secret itself.
    #[must_use]
    pub fn root_secret(&self) -> &Secret {
        &self.root_secret
    }

    pub(crate) fn observability(&self) -> &Observability {
        &self.ground.observability
    }

    /// Sends security alerts to a webhook, where there is one.
    pub(crate) fn alerts(&self) -> Option<&AlertSender> {
        self.alerts.as_ref()
    }

    /// The circuit breakers of what the server stands on.
    pub(crate) fn breakers(&self) -> impl Iterator<Item = &Breaker> {
        let webhook = self.alerts.as_ref().and_then(AlertSender::breaker);
        self.database.breaker().into_iter().chain(self.redis.as_ref().map(Redis::breaker)).chain(webhook)
    }
}

impl std::fmt::Debug for Foundation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Foundation").field("facts", &self.ground.facts).finish_non_exhaustive()
    }
}

/// Has the lines written that subscribers have logged: what tells the auditor is not lost with the process.
fn settle(logs: LogHandle) -> Settle {
    Arc::new(move || {
        let logs = logs.clone();
        Box::pin(async move { spawn_blocking(move || logs.flush(WRITTEN_WITHIN)).await.unwrap_or(false) })
    })
}

/// What sends alerts to the webhook of the settings, where they name one.
fn alert_sender(ground: &Ground, root_secret: &Secret) -> Result<Option<AlertSender>, Failure> {
    let (settings, observability) = (&ground.settings, &ground.observability);
    let alerts = observability.alerts.as_ref().and_then(|alerts| alerts.take_alerts());
    let (Some(url), Some(alerts)) = (&settings.security.alerts.alert_webhook_url, alerts) else {
        return Ok(None);
    };
    let made_by = (&ground.clock, &ground.ids);
    let webhook = Webhook::new(url.expose(), settings, root_secret, made_by, &observability.telemetry);
    let webhook = webhook.map_err(|error| Failure::Setting {
        key: "security.alert_webhook_url",
        message: error.to_string(),
    })?;
    Ok(Some(webhook.start(alerts)))
}

/// The secret of the settings, or in development that of this machine.
fn root_secret(ground: &Ground, domains_secret: Option<Secret>) -> Result<Secret, Failure> {
    let app = &ground.settings.app;
    if let Some(secret) = app.secret.clone().or(domains_secret) {
        return Ok(secret);
    }
    if !app.environment.is_development() {
        return Err(Failure::Setting { key: "app.secret", message: missing_secret(app.environment) });
    }
    local_secret::read_or_make(&app.data_dir, &*ground.random)
        .map_err(|error| Failure::unusable("app.data_dir", error.to_string(), &error))
}

/// Connects to the Redis of the settings, where they name one; it may be lost.
///
/// # Errors
/// A configuration report that names the setting, without the password.
pub(crate) async fn connect_to_redis(
    settings: &Settings,
    telemetry: &Arc<dyn Telemetry>,
) -> Result<Option<Redis>, Failure> {
    let redis = Redis::connect(&settings.redis, telemetry).await;
    redis.map_err(|error| Failure::Setting { key: "redis.url", message: error.to_string() })
}

/// Connects to the database of the settings, for which `startup` waits.
///
/// # Errors
/// [`Failure::Setting`] for what can never work, [`Failure::NotThere`] for a database that is not there in time; both
/// without the password.
pub(crate) async fn connect(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    telemetry: &Arc<dyn Telemetry>,
    startup: &mut Startup,
) -> Result<Database, Failure> {
    let database = settings.database();
    let attempt = async || Database::connect(&database, Arc::clone(&clock), telemetry).await;
    startup.attempt(attempt).await.map_err(refused)
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
