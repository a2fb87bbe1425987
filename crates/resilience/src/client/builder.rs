//! Making a client of its parts.

use std::{collections::HashMap, sync::Arc, time::Duration};

use palisade_core::{Clock, Random, SystemClock, SystemRandom, Timeline};
use palisade_telemetry::metrics::{Off, Telemetry};
use reqwest::dns::Resolve;

use super::{
    Client, Guard, Limits, SystemResolver, Upstream, counters::Counters, metrics::Metrics,
    resolver::GuardedResolver, upstream::Inner,
};
use crate::{
    Breaker, BreakerPolicy, Bulkhead, BulkheadBounds, InvalidBackoff, Policy, RetryBudget, RetrySettings,
    Timeout,
};

/// How an upstream is asked.
#[derive(Debug, Clone)]
pub struct UpstreamOptions {
    /// Where its requests may go.
    pub guard: Guard,
    /// How much a call may take.
    pub limits: Limits,
    /// When a request is sent again that may be.
    pub retry: RetrySettings,
    /// When it is left alone.
    pub breaker: BreakerPolicy,
    /// How many requests may be under way at once.
    pub bulkhead: BulkheadBounds,
}

/// The public internet, three attempts, a breaker that opens after five failures, 64 requests under way and as many in
/// line for a second.
impl Default for UpstreamOptions {
    fn default() -> Self {
        Self {
            guard: Guard::public(),
            limits: Limits::default(),
            retry: RetrySettings::default(),
            breaker: BreakerPolicy::default(),
            bulkhead: BulkheadBounds { concurrent: 64, waiting: 64, max_wait: Duration::from_secs(1) },
        }
    }
}

/// Makes a [`Client`].
#[must_use = "it is no client yet"]
pub struct ClientBuilder {
    upstreams: Vec<(Arc<str>, UpstreamOptions)>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    timeline: Timeline,
    /// `None`: the operating system's, for each upstream its own.
    names: Option<Arc<dyn Resolve>>,
    telemetry: Arc<dyn Telemetry>,
}

/// Upstreams of which no client can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidClient {
    /// Two upstreams of one name.
    #[error("there are two upstreams `{0}`")]
    Twice(Arc<str>),
    /// The waits before retries do not fit each other.
    #[error("upstream `{upstream}`")]
    Backoff {
        /// Its name.
        upstream: Arc<str>,
        /// How.
        #[source]
        source: InvalidBackoff,
    },
    /// The trusted certificates cannot be read.
    #[error("no HTTP client can be made")]
    Tls(#[source] reqwest::Error),
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            upstreams: Vec::new(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            timeline: Timeline::steady(&SystemClock),
            names: None,
            telemetry: Arc::new(Off),
        }
    }
}

impl ClientBuilder {
    /// With this upstream.
    pub fn upstream(mut self, name: impl Into<Arc<str>>, options: UpstreamOptions) -> Self {
        self.upstreams.push((name.into(), options));
        self
    }

    /// With this clock, by which a date in `Retry-After` is read.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With this randomness, from which the waits between attempts are drawn.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// With this time, in which breakers and retry budgets count.
    pub fn timeline(mut self, timeline: Timeline) -> Self {
        self.timeline = timeline;
        self
    }

    /// With this resolver of names in place of the operating system's. What it answers is checked by the guard.
    pub fn names(mut self, names: Arc<dyn Resolve>) -> Self {
        self.names = Some(names);
        self
    }

    /// With every upstream measured, with its breaker and its retries. Without this nothing is.
    pub fn telemetry(mut self, telemetry: &Arc<dyn Telemetry>) -> Self {
        self.telemetry = Arc::clone(telemetry);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// See [`InvalidClient`].
    pub fn build(mut self) -> Result<Client, InvalidClient> {
        let mut upstreams = HashMap::new();
        for (name, options) in std::mem::take(&mut self.upstreams) {
            let upstream = self.make(Arc::clone(&name), options)?;
            if upstreams.insert(Arc::clone(&name), upstream).is_some() {
                return Err(InvalidClient::Twice(name));
            }
        }
        Ok(Client { upstreams: Arc::new(upstreams) })
    }

    fn make(&self, name: Arc<str>, options: UpstreamOptions) -> Result<Upstream, InvalidClient> {
        let UpstreamOptions { guard, limits, retry, breaker, bulkhead } = options;
        let guard = Arc::new(guard);
        let names = self.names.clone().unwrap_or_else(|| Arc::new(SystemResolver::default()));
        let longest_wait = Duration::from_millis(retry.max_delay_ms.into());
        let retry = retry.retry(Arc::clone(&self.random));
        let retry = retry.map_err(|source| InvalidClient::Backoff { upstream: Arc::clone(&name), source })?;
        let once = Policy::builder(Arc::clone(&name))
            .timeout(Timeout::none().per_attempt(limits.attempt).in_all(limits.total))
            .breaker(Breaker::new(Arc::clone(&name), breaker, self.timeline.clone()))
            .bulkhead(Bulkhead::new(bulkhead));
        let budget = RetryBudget::standard(self.timeline.clone());
        let metrics = Metrics::new(&self.telemetry);
        let upstream = Upstream(Arc::new(Inner {
            counters: Counters::new(metrics.duration.with([&name])),
            name,
            connections: connections(Arc::clone(&guard), names, limits)?,
            guard,
            limits,
            // Those that are not repeated share its breaker, and retry nothing.
            repeating: once.clone().retry(retry.budget(budget)).telemetry(&self.telemetry).build(),
            once: once.build(),
            longest_wait,
            clock: Arc::clone(&self.clock),
        }));
        metrics.measure(upstream.clone(), &self.telemetry);
        Ok(upstream)
    }
}

/// Connections that go where the guard lets them and nowhere else: no proxy of the environment (which would resolve
/// names itself), no redirect that is not checked here, no retry that no policy knows of, no `Referer`. What another
/// crate's choice of reqwest's features would turn on, decompression and HTTP/2, is turned off.
fn connections(
    guard: Arc<Guard>,
    names: Arc<dyn Resolve>,
    limits: Limits,
) -> Result<reqwest::Client, InvalidClient> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .dns_resolver(GuardedResolver { guard, names })
        .connect_timeout(limits.connect)
        .pool_max_idle_per_host(limits.idle_connections)
        .pool_idle_timeout(limits.idle)
        .user_agent("palisade")
        .build()
        .map_err(InvalidClient::Tls)
}
