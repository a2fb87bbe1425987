//! Alert events when too much is refused: somebody should look.
//!
//! Refusals by rate limits and failures of authentication are counted in windows of five minutes, by this process for
//! itself. The one that reaches a threshold makes an alert: a line that is CRITICAL and a signed request to a webhook. In
//! the same window the same alert is not made again.

mod tally;
pub(crate) mod url;
mod webhook;

use std::sync::{Arc, Mutex, PoisonError};

use palisade_core::Timeline;
use palisade_telemetry::metrics::{Declaration, Measure, Measurement, Telemetry};
use tokio::sync::mpsc;

use crate::settings::SecurityAlertsSettings;
use tally::Tally;
pub(crate) use webhook::{AlertSender, METRICS, Webhook};

/// How many alerts may wait for the webhook. There are two kinds, and one of each per window.
const WAITING: usize = 16;

/// Something that happened too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    /// What.
    pub(crate) kind: Kind,
    /// How often is too often.
    pub(crate) threshold: u64,
    /// The policy that the last of these requests was over, or why the last was refused.
    pub(crate) cause: Arc<str>,
}

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Requests refused by a rate limit.
    RateLimit,
    /// Sign-ins, renewals and tokens that were refused.
    AuthFailure,
}

impl Kind {
    /// Each of them.
    pub(crate) const ALL: [Self; 2] = [Self::RateLimit, Self::AuthFailure];

    /// Its name in logs, metrics and requests.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::AuthFailure => "auth_failure",
        }
    }

    /// What the cause of one is called in logs and requests.
    const fn cause(self) -> &'static str {
        match self {
            Self::RateLimit => "policy",
            Self::AuthFailure => "reason",
        }
    }

    /// The metric that counts it, by its cause.
    const fn metric(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit_hits_total",
            Self::AuthFailure => "auth_failures_total",
        }
    }
}

/// Watches measurements; it is one of those that receive them, and wants two metrics of all.
pub(crate) struct SecurityAlerts {
    tallies: [(Kind, Arc<Tally>); 2],
    alerts: Mutex<Option<mpsc::Receiver<Alert>>>,
}

impl SecurityAlerts {
    /// Watches by the thresholds of the settings; `None` where nobody is to be told.
    #[must_use]
    pub(crate) fn new(settings: &SecurityAlertsSettings, timeline: Timeline) -> Option<Self> {
        settings.alert_webhook_url.as_ref()?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let tally = |kind, threshold| {
            let tally = Tally::new((kind, threshold), timeline.clone(), sender.clone());
            (kind, Arc::new(tally))
        };
        let tallies = [
            tally(Kind::RateLimit, settings.alert_rate_limit_threshold),
            tally(Kind::AuthFailure, settings.alert_auth_failure_threshold),
        ];
        Some(Self { tallies, alerts: Mutex::new(Some(receiver)) })
    }

    /// The alerts, for the one who tells of them.
    pub(crate) fn take_alerts(&self) -> Option<mpsc::Receiver<Alert>> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Telemetry for SecurityAlerts {
    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
        let watched = self.tallies.iter().find(|(kind, _)| kind.metric() == metric.name);
        let (_, tally) = watched?;
        let tally = Arc::clone(tally);
        let cause: Arc<str> = labels.first().copied().unwrap_or_default().into();
        Some(Arc::new(move |measurement: Measurement<'_>| {
            if let Measurement::Add(count) = measurement {
                tally.count(count, &cause);
            }
        }))
    }
}

impl std::fmt::Debug for SecurityAlerts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecurityAlerts")
    }
}
