//! From settings to a server that serves, and in order to its end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use palisade_http::server::{Bound, Ending, Hooks, Listener, Options, Server, StopSignals};
use palisade_redis::Redis;

use crate::{
    compose::{self, Parts},
    failure::Failure,
    observability::Observability,
    open_files::{self, MANAGEMENT_CONNECTIONS},
    pipeline::{create_app, create_management_app},
    public_listener::{self, bind_plain},
    settings::Settings,
};

/// How long closing the database, or Redis, may take at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// What is known once every listener accepts.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where the public API listens.
    pub api: SocketAddr,
    /// Where the management listener is, if it is on.
    pub management: Option<SocketAddr>,
    /// The path of the one-time link that makes the first admin, while there is none.
    pub first_admin: Option<String>,
}

/// Serves until `signals` tells to stop, measuring into `observability`. `ready` is called once every listener accepts.
///
/// # Errors
/// When it does not come to serving: a listener cannot bind, the settings lead nowhere, migrations are pending.
pub async fn serve(
    settings: Settings,
    observability: Observability,
    signals: StopSignals,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Result<Ending, Failure> {
    let workers = workers(&settings);
    let most = open_files::public_connections(&settings, workers)?;
    let api = public_listener::bind(&settings)?.max_connections(most);
    let management = match settings.management.enabled {
        true => {
            let listener = bind_plain("management", &settings.management.host, settings.management.port)?;
            Some(listener.max_connections(MANAGEMENT_CONNECTIONS))
        }
        false => None,
    };
    let parts = Arc::new(compose::compose(settings, observability).await?);
    migrate(&parts).await?;
    let first_admin = invite(&parts).await?;
    let server = listeners(&parts, workers, api, management).context("the listeners do not start")?;
    let hooks = hooks(&parts, first_admin, ready);
    Ok(palisade_http::server::serve(server, signals, hooks).await.context("the server does not start")?)
}

/// Applies pending migrations where the settings say so, and refuses to serve with pending ones elsewhere.
async fn migrate(parts: &Parts) -> Result<(), Failure> {
    let (database, migrator) = (&parts.foundation.database, compose::migrator());
    if parts.foundation.settings.migrate_on_start() {
        let applied = migrator.run(database).await.context("the migrations failed")?;
        for step in applied {
            let (version, domain, name) = (step.version, step.domain, step.name);
            tracing::info!(version, domain, name, "database.migrated");
        }
        return Ok(());
    }
    let status = migrator.status(database).await.context("the migrations cannot be read")?;
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

/// How many workers the public listener has.
fn workers(settings: &Settings) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    settings.server.workers.unwrap_or_else(cores)
}

fn listeners(
    parts: &Arc<Parts>,
    workers: usize,
    api: Listener,
    management: Option<Listener>,
) -> std::io::Result<Server> {
    let settings = &parts.foundation.settings;
    let options = Options {
        keep_alive: Duration::from_secs(settings.server.keep_alive_seconds),
        head_timeout: Duration::from_secs(settings.server.header_timeout_seconds),
        body_timeout: Duration::from_secs(settings.server.body_timeout_seconds),
        write_timeout: Duration::from_secs(settings.server.write_timeout_seconds),
        drain_delay: settings.drain_delay(),
        shutdown_timeout: Duration::from_secs(settings.server.shutdown_timeout_seconds),
        ..Options::default()
    };
    let shared = Arc::clone(parts);
    let server = Server::new(options, Arc::clone(&parts.foundation.clock), parts.foundation.ids.clone())
        .error_format(settings.errors.format)
        .error_headers(parts.edge.security_headers.iter().filter(|_| settings.layers.security_headers));
    let server = match &parts.request_metrics {
        Some(metrics) => server.on_panic(metrics.panic_counter()),
        None => server,
    };
    let server = server.listen(api, workers, move || create_app(&shared))?;
    match management {
        None => Ok(server),
        Some(listener) => {
            let shared = Arc::clone(parts);
            server.listen(listener, 1, move || create_management_app(&shared))
        }
    }
}

fn hooks(
    parts: &Arc<Parts>,
    first_admin: Option<String>,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Hooks {
    let (starting, draining) = (parts.health.lifecycle.clone(), parts.health.lifecycle.clone());
    let (database, redis) = (parts.foundation.database.clone(), parts.foundation.redis.clone());
    let caching = parts.foundation.caching.clone();
    let telling = Arc::clone(parts);
    Hooks::default()
        .on_listening(move |bound| {
            starting.ready();
            if let Some(api) = address(bound, "api") {
                ready(Ready { api, management: address(bound, "management"), first_admin });
            }
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
