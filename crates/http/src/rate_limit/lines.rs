//! Header values of a policy, which are the same for every request.

use std::time::Duration;

use actix_web::http::header::HeaderValue;
use palisade_ratelimit::{Policy, Quota};

/// What the headers say of a policy, whatever is left of it.
#[derive(Debug)]
pub(super) struct Lines {
    /// `"api";q=70;w=60;burst=10, "api-3600s";q=1000;w=3600`
    pub(super) policy: HeaderValue,
    quotas: Vec<Line>,
}

/// The same of one of its quotas.
#[derive(Debug)]
pub(super) struct Line {
    quota: Quota,
    /// `70`: the limit and the burst.
    pub(super) limit: HeaderValue,
    /// `"api"`
    pub(super) name: String,
}

impl Lines {
    pub(super) fn of(policy: &Policy) -> Self {
        let quotas = policy.quotas().iter().enumerate();
        let quotas: Vec<Line> = quotas.map(|(index, quota)| Line::of(policy.name(), index, *quota)).collect();
        let items: Vec<String> = quotas.iter().map(Line::item).collect();
        // A policy's name is made of what a string of RFC 9651 holds without escapes.
        let policy = HeaderValue::from_str(&items.join(", ")).unwrap_or(HeaderValue::from_static(""));
        Self { policy, quotas }
    }

    /// The line of a quota. A limiter may have counted by a share of it; its window is the same.
    pub(super) fn line(&self, quota: Quota) -> Option<&Line> {
        self.quotas.iter().find(|line| line.quota.window() == quota.window())
    }
}

impl Line {
    /// Each quota has a name of its own, by which `RateLimit` refers to it: the first that of the policy, the
    /// others with their window.
    fn of(policy: &str, index: usize, quota: Quota) -> Self {
        let name = match index {
            0 => format!("\"{policy}\""),
            _ => format!("\"{policy}-{}s\"", seconds(quota.window())),
        };
        Self { quota, limit: HeaderValue::from(quota.capacity()), name }
    }

    /// `q` is what a rested client may send at once, as `X-RateLimit-Limit` says; `burst` is the part of it that comes on
    /// top of the limit.
    fn item(&self) -> String {
        let (quota, window) = (self.quota.capacity(), seconds(self.quota.window()));
        let mut item = format!("{};q={quota};w={window}", self.name);
        if self.quota.burst() > 0 {
            item.push_str(&format!(";burst={}", self.quota.burst()));
        }
        item
    }
}

/// Rounded up, so that waiting helps.
pub(super) const fn seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add((duration.subsec_nanos() > 0) as u64)
}
