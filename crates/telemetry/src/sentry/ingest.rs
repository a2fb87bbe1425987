//! What Sentry's answers mean.

use std::{io::Read as _, time::Duration};

use ::sentry::types::Dsn;
use chrono::{DateTime, Utc};
use palisade_core::{Clock as _, SystemClock, Timeline, retry_after};
use reqwest::{
    StatusCode,
    blocking::Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};

use super::{SIGNAL, SentryError};
use crate::export::{Again, Destination, Receiver, Sender, Sent};

const AUTH: HeaderName = HeaderName::from_static("x-sentry-auth");
const RATE_LIMITS: HeaderName = HeaderName::from_static("x-sentry-rate-limits");
const AGENT: &str = concat!("palisade/", env!("CARGO_PKG_VERSION"));

/// How long one event may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing is sent after a refusal that does not say how long (rate limiting, "Parsing Response Headers").
const PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that an answer can ask for: a quota may be raised, and who raises it wants to see it.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// How much of an answer is read, so that the connection can be used again.
const ANSWER: u64 = 64 * 1_024;

/// Takes events, until it has had enough for a while.
pub(super) struct Ingest {
    timeline: Timeline,
    /// Until when nothing is wanted, in nanoseconds of the timeline.
    closed_until: u64,
}

pub(super) fn sender(dsn: &Dsn, timeline: Timeline) -> Result<Sender<Ingest>, SentryError> {
    let auth = dsn.to_auth(Some(AGENT)).to_string();
    let mut auth = HeaderValue::try_from(auth).map_err(|_| SentryError::Dsn("its key is no header"))?;
    auth.set_sensitive(true);
    let kind = HeaderValue::from_static("application/x-sentry-envelope");
    let headers = HeaderMap::from_iter([(AUTH, auth), (CONTENT_TYPE, kind)]);
    let destination = Destination { url: dsn.envelope_api_url(), headers, timeout: TIMEOUT };
    let sender = Sender::new(destination, Ingest { timeline, closed_until: 0 });
    sender.map_err(|error| SentryError::Client(error.to_string()))
}

impl Ingest {
    fn heed(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(pause) = pause(status, headers, SystemClock.now()) {
            self.closed_until = self.timeline.now().nanos().saturating_add(pause.as_nanos() as u64);
        }
    }
}

impl Receiver for Ingest {
    /// A second time for a connection that broke; Sentry asks its clients not to insist.
    const ATTEMPTS: u32 = 2;

    fn signal(&self) -> &'static str {
        SIGNAL
    }

    fn is_closed(&self) -> bool {
        self.timeline.now().nanos() < self.closed_until
    }

    fn taken(&mut self, answer: Response) -> Sent {
        self.heed(answer.status(), answer.headers());
        let _ = std::io::copy(&mut answer.take(ANSWER), &mut std::io::sink());
        Sent { rejected: 0 }
    }

    fn refused(&mut self, status: StatusCode, headers: &HeaderMap) -> Again {
        self.heed(status, headers);
        Again::Never
    }
}

/// How long an answer wants nothing to be sent (<https://develop.sentry.dev/sdk/expected-features/rate-limiting>).
fn pause(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let limits = headers.get_all(RATE_LIMITS).iter().filter_map(|limits| limits.to_str().ok());
    let limited = limits.flat_map(|limits| limits.split(',')).filter_map(of_errors).max();
    let refused = || {
        let after = headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok());
        after.and_then(|after| after_of(after, now)).unwrap_or(PAUSE)
    };
    let pause = limited.or_else(|| (status == StatusCode::TOO_MANY_REQUESTS).then(refused))?;
    Some(pause.min(LONGEST_PAUSE))
}

/// How long a limit lasts, if it is one of errors: `seconds:category;category:scope`, no category being all of them.
fn of_errors(limit: &str) -> Option<Duration> {
    let mut parts = limit.trim().split(':');
    let seconds = seconds(parts.next()?)?;
    let categories = parts.next()?;
    (categories.is_empty() || categories.split(';').any(|category| category == "error")).then_some(seconds)
}

fn after_of(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    seconds(text).or_else(|| retry_after::parse(text, now))
}

/// Sentry also answers parts of seconds.
fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse::<f64>().ok()?.ceil()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_closes_the_way_for_as_long_as_it_says() {
        let now = "2026-11-20T14:00:00Z".parse().unwrap();
        let (ok, full) = (StatusCode::OK, StatusCode::TOO_MANY_REQUESTS);
        type Headers = &'static [(&'static str, &'static str)];
        let cases: &[(StatusCode, Headers, Option<u64>)] = &[
            (ok, &[], None),
            (StatusCode::BAD_GATEWAY, &[("retry-after", "9")], None),
            (full, &[], Some(60)),
            (full, &[("retry-after", "7")], Some(7)),
            (full, &[("retry-after", "1.2")], Some(2)),
            (full, &[("retry-after", "Fri, 20 Nov 2026 14:01:30 GMT")], Some(90)),
            (full, &[("retry-after", "Fri, 20 Nov 2026 13:00:00 GMT")], Some(0)),
            (full, &[("retry-after", "soon")], Some(60)),
            (full, &[("retry-after", "-5")], Some(60)),
            (full, &[("retry-after", "99999999999999999999999")], Some(60)),
            (full, &[("retry-after", "999999")], Some(3_600)),
            (full, &[("x-sentry-rate-limits", "9:transaction:key"), ("retry-after", "3")], Some(3)),
            (
                ok,
                &[("x-sentry-rate-limits", "60:transaction:key, 120:default;error;security:organization")],
                Some(120),
            ),
            (ok, &[("x-sentry-rate-limits", "5::key:reason")], Some(5)),
            (ok, &[("x-sentry-rate-limits", "5:transaction:key")], None),
            (ok, &[("x-sentry-rate-limits", "nonsense,:,::,x:error:key")], None),
        ];
        for (status, given, wanted) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in *given {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(
                pause(*status, &headers, now).map(|pause| pause.as_secs()),
                *wanted,
                "{status} {given:?}"
            );
        }
    }
}
