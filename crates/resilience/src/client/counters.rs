//! What has become of the calls to an upstream.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use palisade_telemetry::metrics::Histogram;

use super::{Error, response::Response};

/// How a call ended, retries included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An answer of status 1xx to 3xx.
    Success,
    /// An answer of status 4xx.
    ClientError,
    /// An answer of status 5xx or beyond.
    ServerError,
    /// [`Error::TimedOut`].
    TimedOut,
    /// [`Error::Unreachable`].
    Unreachable,
    /// [`Error::TooLarge`].
    TooLarge,
    /// [`Error::Refused`] and [`Error::InvalidUrl`].
    Refused,
    /// [`Error::Open`].
    Open,
    /// [`Error::Full`].
    Full,
    /// The caller went away.
    Cancelled,
}

impl Outcome {
    /// Each of them, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::ClientError,
        Self::ServerError,
        Self::TimedOut,
        Self::Unreachable,
        Self::TooLarge,
        Self::Refused,
        Self::Open,
        Self::Full,
        Self::Cancelled,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::TooLarge => "too_large",
            Self::Refused => "refused",
            Self::Open => "open",
            Self::Full => "full",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the caller got no answer that it could use because of the upstream.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Success | Self::ClientError | Self::Refused | Self::Cancelled)
    }

    fn of(result: &Result<Response, Error>) -> Self {
        match result {
            Ok(response) => match response.status().as_u16() {
                ..400 => Self::Success,
                400..500 => Self::ClientError,
                _ => Self::ServerError,
            },
            Err(error) => Self::of_error(error),
        }
    }

    pub(super) fn of_error(error: &Error) -> Self {
        match error {
            Error::Status(status) if status.is_client_error() => Self::ClientError,
            Error::Status(_) => Self::ServerError,
            Error::TimedOut => Self::TimedOut,
            Error::Unreachable { .. } => Self::Unreachable,
            Error::TooLarge { .. } => Self::TooLarge,
            Error::Refused(_) | Error::InvalidUrl { .. } => Self::Refused,
            Error::Open { .. } => Self::Open,
            Error::Full => Self::Full,
        }
    }
}

/// How calls have ended and how long they took, since the upstream was made. No lock is taken to count.
#[derive(Debug, Default)]
pub(super) struct Counters {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    /// A bucket for each bound, and one for what took longer.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
    duration: Histogram,
}

/// The bounds of the histogram of durations: those that Prometheus' clients take when nobody says otherwise.
const BOUNDS: [Duration; 11] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

impl Counters {
    pub(super) fn new(duration: Histogram) -> Self {
        Self { duration, ..Self::default() }
    }

    /// Begins a call. Dropped before it has an outcome, it counts as cancelled.
    pub(super) fn begin(&self) -> Running<'_> {
        Running { counters: self, since: Instant::now(), outcome: Outcome::Cancelled }
    }

    pub(super) fn read(&self) -> Calls {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut below = 0;
        let cumulated = self.buckets.iter().map(|bucket| {
            below += read(bucket);
            below
        });
        Calls {
            outcomes: Outcome::ALL.into_iter().zip(self.outcomes.iter().map(read)).collect(),
            durations: BOUNDS.into_iter().zip(cumulated).collect(),
            total_duration: Duration::from_micros(read(&self.micros)),
        }
    }
}

/// A call under way.
pub(super) struct Running<'a> {
    counters: &'a Counters,
    since: Instant,
    outcome: Outcome,
}

impl Running<'_> {
    pub(super) fn ended(mut self, result: &Result<Response, Error>) {
        self.outcome = Outcome::of(result);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        self.counters.duration.observe_duration(took);
        let add =
            |counter: Option<&AtomicU64>, by| counter.map(|counter| counter.fetch_add(by, Ordering::Relaxed));
        let bucket = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        add(self.counters.outcomes.get(self.outcome as usize), 1);
        add(self.counters.buckets.get(bucket), 1);
        add(Some(&self.counters.micros), u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }
}

/// How calls have ended and how long they took, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// How many ended in each way, each way once.
    pub outcomes: Vec<(Outcome, u64)>,
    /// For each bound how many calls took at most so long, retries and waits included.
    pub durations: Vec<(Duration, u64)>,
    /// How long all of them took together.
    pub total_duration: Duration,
}

impl Calls {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }

    /// How many ended in this way.
    #[must_use]
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.outcomes.iter().filter(|(one, _)| *one == outcome).map(|(_, count)| count).sum()
    }

    /// How many ended in an error of the upstream's: see [`Outcome::is_error`].
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.outcomes.iter().filter(|(outcome, _)| outcome.is_error()).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};

    use super::*;

    fn answer(status: u16) -> Result<Response, Error> {
        Ok(Response::of(StatusCode::from_u16(status).unwrap(), HeaderMap::new()))
    }

    #[test]
    fn each_call_ends_in_one_way() {
        let counters = Counters::default();
        let results = [
            answer(204),
            answer(404),
            answer(503),
            Err(Error::TimedOut),
            Err(Error::Unreachable { source: std::sync::Arc::new(std::io::Error::other("x")) }),
            Err(Error::TooLarge { limit: 1 }),
            Err(Error::Refused(super::super::Refusal::Scheme)),
            Err(Error::Open { retry_after: Duration::ZERO }),
            Err(Error::Full),
        ];
        for result in &results {
            counters.begin().ended(result);
        }
        drop(counters.begin());
        let calls = counters.read();
        assert!(calls.outcomes.iter().all(|(_, count)| *count == 1), "{calls:?}");
        assert_eq!((calls.count(), calls.errors()), (10, 6));
        assert!(Outcome::ALL.iter().enumerate().all(|(at, outcome)| *outcome as usize == at));
        assert_eq!(calls.durations.last().map(|(_, count)| *count), Some(10));
    }
}
