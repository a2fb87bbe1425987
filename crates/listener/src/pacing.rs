//! Delays requests of clients that ignore `Retry-After`, so that refusing them does not use up the server's capacity.

use std::{
    cell::Cell,
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_http::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use tokio::time::Instant;

/// Early retries that pass per second at any rate of served requests. They cost about 1 % of one core.
const MIN_PER_SECOND: f64 = 100.0;

/// Refusals allowed per served request.
const SHARE_OF_SERVED: f64 = 0.1;

/// Interval at which the rate of served requests is measured.
const SAMPLE: Duration = Duration::from_millis(100);

/// Delays requests that a client sends on a connection before the `Retry-After` of its last refusal has passed.
///
/// Refusing a request is cheaper than serving one, but not free. When most clients are refused and retry at once, the
/// refusals use up capacity that other clients need. So early retries are delayed before they are processed: those of
/// all clients together pass at 10 % of the rate of served requests, and at least at 100 per second. A retry that would
/// wait for more than half of the maximum delay is delayed for all of it and then marked as
/// [`TurnedAway`](palisade_core::TurnedAway), since its client would probably be gone before it is served. While no
/// request is served, no request is delayed. A client that honours `Retry-After` is never delayed.
#[derive(Clone)]
pub struct RefusalPacing(Arc<Inner>);

struct Inner {
    max_delay: Duration,
    exempt: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    served: AtomicU64,
    delayed: AtomicU64,
    rate: Mutex<Rate>,
}

/// How an early retry is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Process it after this delay.
    Pass(Duration),
    /// Refuse it after this delay.
    TurnAway(Duration),
}

struct Rate {
    sampled: Instant,
    served: u64,
    served_per_second: f64,
    /// The next free time slot for a delayed request.
    next: Instant,
}

impl RefusalPacing {
    /// Delays requests by at most `max_delay`. Zero turns pacing off.
    #[must_use]
    pub fn at_most(max_delay: Duration) -> Self {
        Self::new(max_delay, |_| false)
    }

    /// The same, except for clients that `exempt` accepts, such as a proxy, whose connections many clients share.
    #[must_use]
    pub fn new(max_delay: Duration, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        let now = Instant::now();
        let rate = Rate { sampled: now, served: 0, served_per_second: 0.0, next: now };
        Self(Arc::new(Inner {
            max_delay,
            exempt: Box::new(exempt),
            served: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            rate: Mutex::new(rate),
        }))
    }

    /// The number of requests delayed so far.
    #[must_use]
    pub fn delayed(&self) -> u64 {
        self.0.delayed.load(Ordering::Relaxed)
    }

    /// The pacing state of a new connection of `client`.
    pub(crate) fn connection(&self, client: Option<IpAddr>) -> ConnectionPace {
        let paced = !self.0.max_delay.is_zero() && client.is_none_or(|client| !(self.0.exempt)(client));
        ConnectionPace { pacing: self.clone(), paced, refused_until: Cell::new(None) }
    }

    /// Reserves a time slot for an early retry.
    fn reserve(&self, now: Instant) -> Pace {
        let served = self.0.served.load(Ordering::Relaxed);
        let mut rate = self.0.rate.lock().unwrap_or_else(PoisonError::into_inner);
        rate.sample(served, now);
        let Some(interval) = rate.interval() else { return Pace::Pass(Duration::ZERO) };
        let slot = rate.next.max(now);
        if slot - now > self.0.max_delay / 2 {
            return Pace::TurnAway(self.0.max_delay);
        }
        rate.next = slot + interval;
        Pace::Pass(slot - now)
    }
}

impl Rate {
    fn sample(&mut self, served: u64, now: Instant) {
        let passed = now.saturating_duration_since(self.sampled);
        if passed >= SAMPLE {
            // Another thread may have taken the lock first, with a later count.
            self.served_per_second = served.saturating_sub(self.served) as f64 / passed.as_secs_f64();
            (self.sampled, self.served) = (now, served);
        }
    }

    /// Time between two refusals. `None` while no request is served.
    fn interval(&self) -> Option<Duration> {
        let refusals = (self.served_per_second * SHARE_OF_SERVED).max(MIN_PER_SECOND);
        (self.served_per_second > 0.0).then(|| Duration::from_secs_f64(1.0 / refusals))
    }
}

/// The pacing state of one connection.
pub(crate) struct ConnectionPace {
    pacing: RefusalPacing,
    paced: bool,
    /// The earliest time at which the client may retry.
    refused_until: Cell<Option<Instant>>,
}

impl ConnectionPace {
    /// Records a response.
    pub(crate) fn record_response(&self, status: StatusCode, headers: &HeaderMap) {
        let is_refusal = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = headers.get(RETRY_AFTER).filter(|_| is_refusal);
        if retry_after.is_none() {
            self.pacing.0.served.fetch_add(1, Ordering::Relaxed);
        }
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let until = seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        self.refused_until.set(until.filter(|_| self.paced));
    }

    /// How the next request is delayed. `None` when it is processed at once.
    pub(crate) fn next(&self) -> Option<Pace> {
        let until = self.refused_until.get()?;
        let now = Instant::now();
        let pace = (now < until).then(|| self.pacing.reserve(now));
        let pace = pace.filter(|pace| *pace != Pace::Pass(Duration::ZERO))?;
        self.pacing.0.delayed.fetch_add(1, Ordering::Relaxed);
        Some(pace)
    }
}

impl fmt::Debug for RefusalPacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalPacing").field("max_delay", &self.0.max_delay).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actix_http::header::HeaderValue;

    use super::*;

    const MAX_DELAY: Duration = Duration::from_secs(1);

    fn refuse(connection: &ConnectionPace) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        connection.record_response(StatusCode::SERVICE_UNAVAILABLE, &headers);
    }

    fn serve(connection: &ConnectionPace, times: u32) {
        for _ in 0..times {
            connection.record_response(StatusCode::OK, &HeaderMap::new());
        }
    }

    const AT_ONCE: Pace = Pace::Pass(Duration::ZERO);

    /// Refuses each of `clients` once and lets it retry at once.
    fn retries(pacing: &RefusalPacing, clients: u32) -> Vec<Pace> {
        let connections = (0..clients).map(|_| pacing.connection(None));
        let retries = connections.map(|connection| {
            refuse(&connection);
            connection.next().unwrap_or(AT_ONCE)
        });
        retries.collect()
    }

    /// Serves 20,000 requests per second.
    async fn serve_many(pacing: &RefusalPacing) {
        serve(&pacing.connection(None), 2_000);
        tokio::time::advance(SAMPLE).await;
    }

    #[tokio::test(start_paused = true)]
    async fn early_retries_are_spread_out_while_others_are_served() {
        let pacing = RefusalPacing::at_most(MAX_DELAY);
        serve_many(&pacing).await;
        let paces = retries(&pacing, 5_000);
        // 10 % of 20,000 per second: each retry waits half a millisecond longer than the one before.
        let half_a_millisecond = |times: u32| Pace::Pass(Duration::from_micros(500) * times);
        assert_eq!(paces.get(..4).unwrap(), [0, 1, 2, 3].map(half_a_millisecond));
        assert_eq!(paces.get(1_000), Some(&Pace::Pass(MAX_DELAY / 2)));
        assert!(
            paces.iter().skip(1_001).all(|pace| *pace == Pace::TurnAway(MAX_DELAY)),
            "those that would be served too late"
        );
        serve(&pacing.connection(None), 5_000);
        tokio::time::advance(MAX_DELAY / 4).await;
        assert_eq!(
            retries(&pacing, 1),
            [Pace::Pass(MAX_DELAY / 4 + Duration::from_micros(500))],
            "slots pass with time"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn retries_pass_at_once_while_nothing_is_served() {
        let pacing = RefusalPacing::at_most(MAX_DELAY);
        tokio::time::advance(SAMPLE).await;
        assert!(retries(&pacing, 1_000).iter().all(|pace| *pace == AT_ONCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_honours_retry_after_or_was_served_is_not_delayed() {
        let pacing = RefusalPacing::at_most(MAX_DELAY);
        let (patient, served) = (pacing.connection(None), pacing.connection(None));
        refuse(&patient);
        tokio::time::advance(MAX_DELAY).await;
        serve_many(&pacing).await;
        assert_eq!(retries(&pacing, 1_000).len(), 1_000, "retries ahead of them");
        refuse(&served);
        serve(&served, 1);
        assert_eq!((patient.next(), served.next()), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn an_exempt_address_is_never_delayed() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let pacing = RefusalPacing::new(MAX_DELAY, move |client| client == proxy);
        serve_many(&pacing).await;
        assert_eq!(retries(&pacing, 1_000).len(), 1_000, "retries ahead of it");
        let connection = pacing.connection(Some(proxy));
        refuse(&connection);
        assert_eq!(connection.next(), None);
    }
}
