//! The settings of the section `events`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How domain events reach those who hear of them after the commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How often the database is asked for deliveries that another process has left or that are to be repeated, in
    /// milliseconds. What this process has recorded itself is delivered at once.
    #[cfg_attr(feature = "settings", schemars(range(min = 100, max = 60_000)))]
    pub poll_interval_ms: u32,
    /// The longest that a subscriber may take for one event, in milliseconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 100, max = 600_000)))]
    pub delivery_timeout_ms: u32,
    /// How often a delivery is tried before it is left to an operator. The waits between attempts grow from a second to an
    /// hour: 20 attempts take about ten hours.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 1_000)))]
    pub max_attempts: u32,
}

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl Default for Settings {
    fn default() -> Self {
        Self { poll_interval_ms: 1_000, delivery_timeout_ms: 30_000, max_attempts: 20 }
    }
}

impl Settings {
    pub(crate) fn delivery_timeout(&self) -> Duration {
        Duration::from_millis(self.delivery_timeout_ms.into())
    }

    /// How long a delivery belongs to the process that has taken it.
    pub(crate) fn lease(&self) -> Duration {
        self.delivery_timeout() * 2
    }

    pub(crate) fn poll_interval(&self) -> Duration {
        Duration::from_millis(self.poll_interval_ms.into())
    }

    /// How long to wait after this attempt, the first being 1; `None` after the last one.
    pub(crate) fn wait_after(&self, attempt: u32) -> Option<Duration> {
        let doubled = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
        (attempt < self.max_attempts).then(|| Duration::from_secs(doubled).min(LONGEST_WAIT))
    }

    /// How far ahead a delivery can be due. One that is due later was written by a clock that has been set back since.
    pub(crate) fn horizon(&self) -> Duration {
        LONGEST_WAIT + self.lease()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_end_with_the_last_attempt() {
        let settings = Settings::default();
        let waits: Vec<_> = (1..=20).map(|attempt| settings.wait_after(attempt)).collect();
        assert_eq!(waits[..3], [1, 2, 4].map(|seconds| Some(Duration::from_secs(seconds))));
        assert_eq!((waits[12], waits[18], waits[19]), (Some(LONGEST_WAIT), Some(LONGEST_WAIT), None));
        assert_eq!(Settings { max_attempts: 1_000, ..settings }.wait_after(999), Some(LONGEST_WAIT));
    }
}
