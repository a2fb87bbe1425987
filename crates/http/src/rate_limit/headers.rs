//! What a client is told of its limits.

use std::{sync::Arc, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use palisade_core::{Error, ErrorKind};
use palisade_ratelimit::Decision;

use super::{lines::seconds, tier::Tier};
use crate::text::Text;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// How a client stands, once its request has been counted.
#[derive(Debug)]
pub(super) struct Standing {
    tier: Arc<Tier>,
    decision: Decision,
    /// Until there is more, in seconds.
    wait: u64,
    /// The same as a moment: seconds since 1970.
    reset: u64,
}

impl Standing {
    pub(super) fn new(tier: Arc<Tier>, decision: Decision, now: DateTime<Utc>) -> Self {
        // To whom is refused, all headers name the moment that `Retry-After` does.
        let wait = decision.retry_after.unwrap_or(decision.reset_after);
        let since_1970 = u64::try_from(now.timestamp_micros()).map(Duration::from_micros).unwrap_or_default();
        Self { tier, wait: seconds(wait), reset: seconds(since_1970.saturating_add(wait)), decision }
    }

    /// The error for a request that is over the limit.
    pub(super) fn refusal(&self) -> Option<Error> {
        let wait = Duration::from_secs(self.wait);
        (!self.decision.allowed).then(|| Error::from(ErrorKind::RateLimited).with_retry_after(wait))
    }

    /// The name of the policy.
    pub(super) fn policy(&self) -> &str {
        self.tier.policy().name()
    }

    /// Writes the headers. If limits further in have written theirs, the `X-` headers tell of the tightest, and
    /// the lists of all.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let lines = &self.tier.lines;
        let Some(line) = lines.line(self.decision.quota) else { return };
        let remaining = self.decision.remaining;
        let mut state = Text::<128>::new();
        state.push(&line.name);
        state.push(";r=");
        state.push_number(remaining.into());
        state.push(";t=");
        state.push_number(self.wait);
        if headers.get(REMAINING).and_then(number).is_none_or(|there| remaining < there) {
            headers.insert(LIMIT, line.limit.clone());
            insert_number(headers, REMAINING, remaining.into());
            insert_number(headers, RESET, self.reset);
        }
        prepend(headers, POLICY, lines.policy.clone());
        if let Ok(state) = HeaderValue::from_bytes(state.as_bytes()) {
            prepend(headers, STATE, state);
        }
    }
}

fn number(value: &HeaderValue) -> Option<u32> {
    value.to_str().ok()?.parse().ok()
}

fn insert_number(headers: &mut HeaderMap, name: HeaderName, number: u64) {
    let mut text = Text::<20>::new();
    text.push_number(number);
    if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
        headers.insert(name, value);
    }
}

/// Puts an item before those that the list has.
fn prepend(headers: &mut HeaderMap, name: HeaderName, item: HeaderValue) {
    let list = match headers.get(&name) {
        None => Ok(item),
        Some(list) => HeaderValue::from_bytes(&[item.as_bytes(), b", ", list.as_bytes()].concat()),
    };
    if let Ok(list) = list {
        headers.insert(name, list);
    }
}
