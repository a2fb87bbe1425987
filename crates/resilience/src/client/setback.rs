//! What the policy is told of an attempt that did not end well.

use std::time::Duration;

use chrono::{DateTime, Utc};
use palisade_core::retry_after;
use reqwest::{StatusCode, header::RETRY_AFTER};

use super::{Error, response::Response};
use crate::Verdict;

/// An attempt that the policy should know of: it failed, or its answer says that the upstream is in trouble.
#[derive(Debug)]
pub(super) enum Setback {
    /// The caller gets this answer, if no other attempt goes better.
    Answer(Box<Response>),
    Failure(Error),
}

impl Setback {
    /// A good answer, or what the policy should know.
    pub(super) fn of(result: Result<Response, Error>) -> Result<Response, Self> {
        match result {
            Ok(answer) if answer.status().is_server_error() => Err(Self::Answer(Box::new(answer))),
            Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => {
                Err(Self::Answer(Box::new(answer)))
            }
            Ok(answer) => Ok(answer),
            Err(error) => Err(Self::Failure(error)),
        }
    }

    /// What it says of the upstream, and of another attempt where the request may be repeated at all.
    pub(super) fn verdict(&self, now: DateTime<Utc>, longest_wait: Duration) -> Verdict {
        match self {
            Self::Failure(Error::TimedOut | Error::Unreachable { .. }) => Verdict::TRANSIENT,
            // It answers, though more than we want to read.
            Self::Failure(Error::TooLarge { .. }) => Verdict::ANSWER,
            // Where the name leads is not where the upstream is.
            Self::Failure(_) => Verdict::NOT_ASKED,
            Self::Answer(answer) => {
                let verdict = match answer.status().as_u16() {
                    429 => Verdict::BUSY,
                    502..=504 => Verdict::TRANSIENT,
                    // It would fail the same way again.
                    _ => return Verdict::FAILURE,
                };
                match answer
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| retry_after::parse(value.to_str().ok()?, now))
                {
                    None => verdict,
                    Some(wait) if wait <= longest_wait => verdict.after(wait),
                    // To come back sooner than asked would be rude, and later than that nobody waits.
                    Some(_) => Verdict { again: crate::Again::Never, ..verdict },
                }
            }
        }
    }

    /// What the caller gets.
    pub(super) fn outcome(self) -> Result<Response, Error> {
        match self {
            Self::Answer(answer) => Ok(*answer),
            Self::Failure(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::*;
    use crate::{Again, Callee, client::Refusal};

    fn verdict(result: Result<Response, Error>) -> Option<Verdict> {
        let now = DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").unwrap().to_utc();
        Setback::of(result).err().map(|setback| setback.verdict(now, Duration::from_secs(2)))
    }

    fn answer(status: u16, wait: Option<&'static str>) -> Result<Response, Error> {
        let wait = wait.map(|wait| (RETRY_AFTER, HeaderValue::from_static(wait)));
        let headers: HeaderMap = wait.into_iter().collect();
        Ok(Response::of(StatusCode::from_u16(status).unwrap(), headers))
    }

    #[test]
    fn an_upstream_in_trouble_is_counted_and_a_caller_in_the_wrong_is_not() {
        for status in [200, 304, 400, 401, 404, 409, 422] {
            assert_eq!(verdict(answer(status, None)), None, "{status}");
        }
        assert_eq!(verdict(answer(429, None)), Some(Verdict::BUSY));
        for status in [502, 503, 504] {
            assert_eq!(verdict(answer(status, None)), Some(Verdict::TRANSIENT), "{status}");
        }
        for status in [500, 501, 599] {
            assert_eq!(verdict(answer(status, None)), Some(Verdict::FAILURE), "{status}");
        }
        assert_eq!(verdict(Err(Error::TimedOut)), Some(Verdict::TRANSIENT));
        assert_eq!(
            verdict(Err(Error::Unreachable { source: std::sync::Arc::new(std::io::Error::other("x")) })),
            Some(Verdict::TRANSIENT)
        );
        assert_eq!(verdict(Err(Error::Refused(Refusal::Scheme))), Some(Verdict::NOT_ASKED));
        assert_eq!(verdict(Err(Error::TooLarge { limit: 1 })), Some(Verdict::ANSWER));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_or_the_answer_given_up() {
        let wait = verdict(answer(503, Some("2"))).unwrap();
        assert_eq!((wait.callee, wait.again), (Callee::Failing, Again::After(Duration::from_secs(2))));
        let too_long = verdict(answer(429, Some("3"))).unwrap();
        assert_eq!((too_long.callee, too_long.again), (Callee::Well, Again::Never));
        assert_eq!(verdict(answer(500, Some("1"))), Some(Verdict::FAILURE));
    }
}
