//! From settings to a server that serves, and in order to its end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use palisade_database::Startup;
use palisade_events::Relay;
use palisade_listener::{
    Bound, Deferred, Ending, Hooks, Options, Server as Listening, Signals, serve_while_starting,
};
use palisade_redis::Redis;
use tokio::task::spawn_blocking;

use crate::{
    base::Base,
    domain::Notice,
    failure::Failure,
    listeners::Listeners,
    migration::migrate,
    observability::Observability,
    parts::Parts,
    pipeline::{create_app, create_management_app, create_starting_app, create_starting_management_app},
    program::Program,
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
    /// What domains announce at the start, such as a link that works once.
    pub notices: Vec<Notice>,
}

impl Program {
    /// Serves until `signals` says to stop, measuring into `observability`. The listeners accept at once and answer that
    /// the program is starting; `ready` is called when it has started.
    ///
    /// # Errors
    /// When the start fails: a listener cannot bind, a setting can never work, something outside is not there in time,
    /// migrations are pending.
    pub async fn serve(
        self: &Arc<Self>,
        configuration: impl Into<Configuration>,
        observability: Observability,
        signals: Signals,
        ready: impl FnOnce(Ready) + Send + 'static,
    ) -> Result<Ending, Failure> {
        serve(Arc::clone(self), configuration, observability, signals, ready).await
    }
}

async fn serve(
    program: Arc<Program>,
    configuration: impl Into<Configuration>,
    observability: Observability,
    mut signals: Signals,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Result<Ending, Failure> {
    let Configuration { settings, source } = configuration.into();
    let base = Arc::new(Base::new(program, settings, observability)?);
    let binding = Arc::clone(&base);
    // A look-up of the host's name may take its time.
    let listeners = tokio::select! {
        listeners = spawn_blocking(move || Listeners::bind(binding.settings())) => listeners,
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
) -> std::io::Result<Listening> {
    let settings = base.settings();
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
    let server = Listening::new(options, Arc::clone(&base.ground.clock), base.ground.ids.clone())
        .error_format(settings.errors.format)
        .error_headers(base.edge.security_headers.iter().flat_map(|headers| headers.iter()));
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
    let mut startup = Startup::new(&base.settings().database);
    let parts = Arc::new(Parts::start(base, &mut startup).await?);
    let (program, foundation) = (&parts.base.program, &parts.foundation);
    migrate(foundation, &program.migrator(), &mut startup).await?;
    let relay = foundation.units().start().map_err(anyhow::Error::from)?;
    let mut notices = Vec::new();
    for step in program.domains.iter().flat_map(|domain| &domain.starts) {
        notices.extend(step(Arc::clone(foundation), &parts.services)?.await?);
    }
    applications.provide(Arc::clone(&parts)).await.context("the server does not start")?;
    hooks(&parts, source, relay, notices, ready)
}

fn hooks(
    parts: &Arc<Parts>,
    source: Option<Source>,
    relay: Option<Relay>,
    notices: Vec<Notice>,
    ready: impl FnOnce(Ready) + Send + 'static,
) -> Result<Hooks, Failure> {
    let (starting, draining) = (parts.health.lifecycle.clone(), parts.health.lifecycle.clone());
    let foundation = Arc::clone(&parts.foundation);
    let (database, redis) = (foundation.database().clone(), foundation.redis().cloned());
    let caching = parts.caching.clone();
    let reload = Arc::new(Reload {
        source,
        logs: foundation.observability().logs.clone(),
        countries: parts.countries.as_ref().map(|countries| countries.database.clone()),
    });
    let hooks = Hooks::default()
        .on_ready(move |bound| {
            starting.ready();
            if let Some(api) = address(bound, "api") {
                ready(Ready { api, management: address(bound, "management"), notices });
            }
        })
        .on_reload(move || {
            let reload = Arc::clone(&reload);
            async move { reload.run().await }
        })
        .on_drain(move || draining.drain())
        .on_stop("events", CLOSE_LIMIT, async move {
            if let Some(relay) = relay {
                relay.stop(CLOSE_LIMIT / 2).await;
            }
        });
    let hooks = domains_stop(parts, hooks)?;
    Ok(hooks
        .on_stop("cache", CLOSE_LIMIT, async move {
            if let Some(caching) = caching {
                caching.close(CLOSE_LIMIT / 2).await;
            }
        })
        .on_stop("alerts", CLOSE_LIMIT, async move {
            if let Some(alerts) = foundation.alerts() {
                alerts.close(CLOSE_LIMIT / 2).await;
            }
        })
        .on_stop("redis", CLOSE_LIMIT, async move { redis.iter().for_each(Redis::close) })
        .on_stop("database", CLOSE_LIMIT, async move { database.close().await }))
}

/// The steps of domains after the last request, in the reverse of their order.
fn domains_stop(parts: &Parts, mut hooks: Hooks) -> Result<Hooks, Failure> {
    for domain in parts.base.program.domains.iter().rev() {
        for step in &domain.stops {
            let stopping = step(Arc::clone(&parts.foundation), &parts.services)?;
            let name = domain.name;
            hooks = hooks.on_stop(name, CLOSE_LIMIT, async move {
                if let Err(failure) = stopping.await {
                    tracing::error!(domain = name, error = %failure, "server.stop_failed");
                }
            });
        }
    }
    Ok(hooks)
}

fn address(bound: &[Bound], listener: &str) -> Option<SocketAddr> {
    bound.iter().find(|bound| bound.listener == listener).map(|bound| bound.address)
}
