//! Delays requests of clients that ignore `Retry-After`, so that refusing them does not take up the server.

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

/// Such requests a second that pass whatever is served: they take a hundredth of one core.
const FREE_PER_SECOND: f64 = 100.0;

/// Share of the served requests that may be spent on refusals beyond those.
const SHARE_OF_SERVED: f64 = 0.1;

/// How often the rate of served requests is measured.
const SAMPLE: Duration = Duration::from_millis(100);

/// Delays clients that send again on a connection before the `Retry-After` of their last refusal has passed.
///
/// Refusing a request costs a part of what serving one costs. When most clients are refused and ask again at once,
/// refusing them takes the capacity away from those that are served. So their requests wait before they are looked at:
/// as many pass per second as a tenth of what is served, and at least 100. A request that would have to wait for more
/// than half of the longest delay would be served when its client has gone: it waits for all of it and is
/// [`TurnedAway`](palisade_core::TurnedAway). While nothing is served, nothing is delayed, since there is nobody to protect. A client that honours
/// `Retry-After` is never delayed.
#[derive(Clone)]
pub struct RefusalPacing(Arc<Inner>);

struct Inner {
    longest: Duration,
    exempt: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    served: AtomicU64,
    delayed: AtomicU64,
    rate: Mutex<Rate>,
}

/// What becomes of a request that came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It is looked at after this time.
    Pass(Duration),
    /// It is turned away after this time.
    TurnAway(Duration),
}

struct Rate {
    sampled: Instant,
    served: u64,
    served_per_second: f64,
    /// When the next delayed request may pass.
    next: Instant,
}

impl RefusalPacing {
    /// Delays a request for `longest` at most; zero delays nothing.
    #[must_use]
    pub fn at_most(longest: Duration) -> Self {
        Self::new(longest, |_| false)
    }

    /// The same, for no client that `exempt` names, such as a proxy, whose connections many clients share.
    #[must_use]
    pub fn new(longest: Duration, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        let now = Instant::now();
        let rate = Rate { sampled: now, served: 0, served_per_second: 0.0, next: now };
        Self(Arc::new(Inner {
            longest,
            exempt: Box::new(exempt),
            served: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            rate: Mutex::new(rate),
        }))
    }

    /// How many requests have been delayed so far.
    #[must_use]
    pub fn delayed(&self) -> u64 {
        self.0.delayed.load(Ordering::Relaxed)
    }

    /// What is kept for a connection of `client`.
    pub(crate) fn connection(&self, client: Option<IpAddr>) -> ConnectionPace {
        let paced = !self.0.longest.is_zero() && client.is_none_or(|client| !(self.0.exempt)(client));
        ConnectionPace { pacing: self.clone(), paced, refused_until: Cell::new(None) }
    }

    /// What becomes of a request that came too soon.
    fn reserve(&self, now: Instant) -> Pace {
        let served = self.0.served.load(Ordering::Relaxed);
        let mut rate = self.0.rate.lock().unwrap_or_else(PoisonError::into_inner);
        rate.sample(served, now);
        let Some(interval) = rate.interval() else { return Pace::Pass(Duration::ZERO) };
        let slot = rate.next.max(now);
        if slot - now > self.0.longest / 2 {
            return Pace::TurnAway(self.0.longest);
        }
        rate.next = slot + interval;
        Pace::Pass(slot - now)
    }
}

impl Rate {
    fn sample(&mut self, served: u64, now: Instant) {
        let passed = now.saturating_duration_since(self.sampled);
        if passed >= SAMPLE {
            // Another thread may have counted further before it took the lock first.
            self.served_per_second = served.saturating_sub(self.served) as f64 / passed.as_secs_f64();
            (self.sampled, self.served) = (now, served);
        }
    }

    /// Time between two refusals; none while nothing is served.
    fn interval(&self) -> Option<Duration> {
        let refusals = (self.served_per_second * SHARE_OF_SERVED).max(FREE_PER_SECOND);
        (self.served_per_second > 0.0).then(|| Duration::from_secs_f64(1.0 / refusals))
    }
}

/// What one connection's client was told last.
pub(crate) struct ConnectionPace {
    pacing: RefusalPacing,
    paced: bool,
    /// When the client was told to ask again.
    refused_until: Cell<Option<Instant>>,
}

impl ConnectionPace {
    /// Notes a response.
    pub(crate) fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        let is_refusal = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = headers.get(RETRY_AFTER).filter(|_| is_refusal);
        if retry_after.is_none() {
            self.pacing.0.served.fetch_add(1, Ordering::Relaxed);
        }
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let until = seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        self.refused_until.set(until.filter(|_| self.paced));
    }

    /// What becomes of the next request, where it is not looked at at once.
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
        f.debug_struct("RefusalPacing").field("longest", &self.0.longest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actix_http::header::HeaderValue;

    use super::*;

    const LONGEST: Duration = Duration::from_secs(1);

    fn refuse(connection: &ConnectionPace) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        connection.answered(StatusCode::SERVICE_UNAVAILABLE, &headers);
    }

    fn serve(connection: &ConnectionPace, times: u32) {
        for _ in 0..times {
            connection.answered(StatusCode::OK, &HeaderMap::new());
        }
    }

    const AT_ONCE: Pace = Pace::Pass(Duration::ZERO);

    /// What becomes of clients that are each refused and ask again at once.
    fn crowd(pacing: &RefusalPacing, clients: u32) -> Vec<Pace> {
        let connections = (0..clients).map(|_| pacing.connection(None));
        let asked_again = connections.map(|connection| {
            refuse(&connection);
            connection.next().unwrap_or(AT_ONCE)
        });
        asked_again.collect()
    }

    /// 20,000 requests a second are served.
    async fn busy(pacing: &RefusalPacing) {
        serve(&pacing.connection(None), 2_000);
        tokio::time::advance(SAMPLE).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_that_ignores_retry_after_is_spread_out_while_others_are_served() {
        let pacing = RefusalPacing::at_most(LONGEST);
        busy(&pacing).await;
        let met = crowd(&pacing, 5_000);
        // A tenth of 20,000 a second: each client waits half a millisecond longer than the one before.
        let half_a_millisecond = |times: u32| Pace::Pass(Duration::from_micros(500) * times);
        assert_eq!(met.get(..4).unwrap(), [0, 1, 2, 3].map(half_a_millisecond));
        assert_eq!(met.get(1_000), Some(&Pace::Pass(LONGEST / 2)));
        assert!(
            met.iter().skip(1_001).all(|pace| *pace == Pace::TurnAway(LONGEST)),
            "who would come too late"
        );
        serve(&pacing.connection(None), 5_000);
        tokio::time::advance(LONGEST / 4).await;
        assert_eq!(
            crowd(&pacing, 1),
            [Pace::Pass(LONGEST / 4 + Duration::from_micros(500))],
            "the line moves on"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_delayed_while_nothing_is_served() {
        let pacing = RefusalPacing::at_most(LONGEST);
        tokio::time::advance(SAMPLE).await;
        assert!(crowd(&pacing, 1_000).iter().all(|pace| *pace == AT_ONCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_waits_as_it_was_told_or_was_served_is_not_delayed() {
        let pacing = RefusalPacing::at_most(LONGEST);
        let (patient, served) = (pacing.connection(None), pacing.connection(None));
        refuse(&patient);
        tokio::time::advance(LONGEST).await;
        busy(&pacing).await;
        assert_eq!(crowd(&pacing, 1_000).len(), 1_000, "a crowd that is in front of them");
        refuse(&served);
        serve(&served, 1);
        assert_eq!((patient.next(), served.next()), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn an_exempt_proxy_is_never_delayed() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let pacing = RefusalPacing::new(LONGEST, move |client| client == proxy);
        busy(&pacing).await;
        assert_eq!(crowd(&pacing, 1_000).len(), 1_000, "a crowd that is in front of it");
        let connection = pacing.connection(Some(proxy));
        refuse(&connection);
        assert_eq!(connection.next(), None);
    }
}
