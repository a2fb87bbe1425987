//! From settings to a server that serves, and in order to its end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use palisade_database::Startup;
use palisade_http::server::{Bound, Deferred, Ending, Hooks, Options, Server, Signals, serve_while_starting};
use palisade_redis::Redis;
use tokio::task::spawn_blocking;

use crate::{
    base::Base,
    compose::{self, Parts},
    failure::Failure,
    listeners::Listeners,
    observability::Observability,
    pipeline::{create_app, create_management_app, create_starting_app, create_starting_management_app},
    reload::{Configuration, Reload, Source},
};

/// How long closing the database, or Redis, may take at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// What is known once the server is ready.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where the public API listens.
    pub api: SocketAddr,
    /// Where the management listener is, if it is on.
    pub management: Option<SocketAddr>,
    /// The path of the one-time link that makes the first admin, while there is none.
    pub first_admin: Option<String>,
}

/// Serves until `signals` tells to stop, measuring into `observability`. The listeners accept at once and answer that
/// the program is starting; `ready` is called when it has started.
///
/// # Errors
/// When the start fails: a listener cannot bind, a setting can never work, something outside is not there in time,
/// migrations are pending.
pub async fn serve(
    configuration: impl Into<Configuration>,
    observability: Observability,
    mut signals: Signals,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Result<Ending, Failure> {
    let Configuration { settings, source } = configuration.into();
    let base = Arc::new(Base::new(settings, observability)?);
    let binding = Arc::clone(&base);
    // A look-up of the host's name may take its time.
    let listeners = tokio::select! {
        listeners = spawn_blocking(move || Listeners::bind(&binding.settings)) => listeners,
        signal = signals.stop() => {
            tracing::info!(signal, starting = true, "server.stopping");
            return Ok(Ending::Abandoned);
        }
    };
    let listeners = listeners.context("the listeners do not start")??;
    let applications = Deferred::new();
    let server = server(&base, listeners, &applications).context("the listeners do not start")?;
    serve_while_starting(server, signals, start(base, &applications, source, ready)).await
}

/// A server that answers that the program is starting until `applications` are provided with its parts.
fn server(
    base: &Arc<Base>,
    listeners: Listeners,
    applications: &Deferred<Arc<Parts>>,
) -> std::io::Result<Server> {
    let settings = &base.settings;
    let options = Options {
        keep_alive: Duration::from_secs(settings.server.keep_alive_seconds),
        head_timeout: Duration::from_secs(settings.server.header_timeout_seconds),
        body_timeout: Duration::from_secs(settings.server.body_timeout_seconds),
        write_timeout: Duration::from_secs(settings.server.write_timeout_seconds),
        drain_delay: settings.drain_delay(),
        shutdown_timeout: Duration::from_secs(settings.server.shutdown_timeout_seconds),
        ..Options::default()
    };
    let starting = Arc::clone(base);
    let api = applications.application(move || create_starting_app(&starting), create_app);
    let server = Server::new(options, Arc::clone(&base.clock), base.ids.clone())
        .error_format(settings.errors.format)
        .error_headers(base.edge.security_headers.iter().filter(|_| settings.layers.security_headers));
    let server = match &base.request_metrics {
        Some(metrics) => server.on_panic(metrics.panic_counter()),
        None => server,
    };
    let server = server.listen(listeners.api, settings.workers(), api)?;
    let Some(listener) = listeners.management else { return Ok(server) };
    let starting = Arc::clone(base);
    let management =
        applications.application(move || create_starting_management_app(&starting), create_management_app);
    server.listen(listener, 1, management)
}

/// Makes everything that the applications wait for.
async fn start(
    base: Arc<Base>,
    applications: &Deferred<Arc<Parts>>,
    source: Option<Source>,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Result<Hooks, Failure> {
    let mut startup = Startup::new(&base.settings.database);
    let parts = Arc::new(compose::compose(base, &mut startup).await?);
    migrate(&parts, &mut startup).await?;
    let first_admin = invite(&parts).await?;
    applications.provide(Arc::clone(&parts)).await.context("the server does not start")?;
    Ok(hooks(&parts, source, first_admin, ready))
}

/// Applies pending migrations where the settings say so, and refuses to serve with pending ones elsewhere.
async fn migrate(parts: &Parts, startup: &mut Startup) -> Result<(), Failure> {
    let (database, migrator) = (&parts.foundation.database, compose::migrator());
    if parts.foundation.settings.migrate_on_start() {
        let applied = startup.attempt(async || migrator.run(database).await).await;
        for step in applied.map_err(compose::not_migrated)? {
            let (version, domain, name) = (step.version, step.domain, step.name);
            tracing::info!(version, domain, name, "database.migrated");
        }
        return Ok(());
    }
    let status = startup.attempt(async || migrator.status(database).await).await;
    let status = status.map_err(compose::not_migrated)?;
    if !status.unknown.is_empty() {
        tracing::warn!(versions = ?status.unknown, "database.newer_than_program");
    }
    match status.pending.is_empty() {
        true => Ok(()),
        false => Err(Failure::PendingMigrations(status.pending)),
    }
}
/// Opens the first admin's link on a developer's machine whose database has no admin.
async fn invite(parts: &Parts) -> Result<Option<String>, Failure> {
    let foundation = &parts.foundation;
    let empty = !parts.services.users.has_admin().await.context("the users cannot be read")?;
    let inviting = empty && foundation.settings.app.environment.is_development();
    if empty && !inviting {
        tracing::info!(remedy = "api users create --admin", "users.no_admin");
    }
    Ok(inviting.then(|| parts.first_admin.open(foundation.clock.as_ref(), foundation.random.as_ref())))
}

fn hooks(
    parts: &Arc<Parts>,
    source: Option<Source>,
    first_admin: Option<String>,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Hooks {
    let (starting, draining) = (parts.health.lifecycle.clone(), parts.health.lifecycle.clone());
    let (database, redis) = (parts.foundation.database.clone(), parts.foundation.redis.clone());
    let caching = parts.foundation.caching.clone();
    let telling = Arc::clone(parts);
    let reload = Arc::new(Reload {
        source,
        logs: parts.foundation.observability.logs.clone(),
        countries: parts.countries.as_ref().map(|countries| countries.database.clone()),
    });
    Hooks::default()
        .on_ready(move |bound| {
            starting.ready();
            if let Some(api) = address(bound, "api") {
                ready(Ready { api, management: address(bound, "management"), first_admin });
            }
        })
        .on_reload(move || {
            let reload = Arc::clone(&reload);
            async move { reload.run().await }
        })
        .on_drain(move || draining.drain())
        .on_stop("cache", CLOSE_LIMIT, async move {
            if let Some(caching) = caching {
                caching.close(CLOSE_LIMIT / 2).await;
            }
        })
        .on_stop("alerts", CLOSE_LIMIT, async move {
            if let Some(telling) = &telling.foundation.telling {
                telling.close(CLOSE_LIMIT / 2).await;
            }
        })
        .on_stop("redis", CLOSE_LIMIT, async move { redis.iter().for_each(Redis::close) })
        .on_stop("database", CLOSE_LIMIT, async move { database.close().await })
}

fn address(bound: &[Bound], listener: &str) -> Option<SocketAddr> {
    bound.iter().find(|bound| bound.listener == listener).map(|bound| bound.address)
}
