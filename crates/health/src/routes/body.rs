//! The bodies of the health routes.

use palisade_core::Environment;
use serde::{Serialize, Serializer, ser::SerializeMap};
use utoipa::ToSchema;

use super::Health;
use crate::{Phase, Report, Status};

/// The body of `GET /health` without prefix.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthAlive)]
pub struct Alive {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// The body of a probe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthProbe)]
pub struct Probe {
    /// `ok`, `degraded`, `fail` or `starting`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// Each configured part: `ok`, `degraded` or `fail`.
    #[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"db": "ok"}))]
    pub checks: Checks,
}

impl Probe {
    pub(super) fn new(verdict: Verdict, report: &Report) -> Self {
        let status = match verdict {
            Verdict::Starting => "starting",
            Verdict::Is(status) => status.as_str(),
        };
        Self { status, checks: Checks::new(report) }
    }
}

/// What a probe finds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    /// The program is still starting.
    Starting,
    /// It has started, and this is its state.
    Is(Status),
}

/// The body of `GET /health` under the API prefix.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthSummary)]
pub struct Summary {
    /// `healthy`, or `degraded` while the program starts and when any part is lost.
    #[schema(example = "healthy")]
    pub status: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// Where the program runs.
    #[schema(value_type = String, example = "production")]
    pub environment: Environment,
    /// `connected` or `disconnected`; absent when no database is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "connected")]
    pub database: Option<&'static str>,
    /// Each configured part: `ok`, `degraded` or `fail`.
    #[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"db": "ok"}))]
    pub checks: Checks,
}

impl Summary {
    pub(super) fn new(health: &Health, report: &Report) -> Self {
        let word = |well, yes, no| if well { yes } else { no };
        let started = health.lifecycle.phase() > Phase::Starting;
        Self {
            status: word(started && report.status() == Status::Ok, "healthy", "degraded"),
            version: health.version,
            environment: health.environment,
            database: report.of("db").map(|status| word(status == Status::Ok, "connected", "disconnected")),
            checks: Checks::new(report),
        }
    }
}

/// The verdicts as an object, in the order of registration.
#[derive(Debug)]
pub struct Checks(Vec<(String, Status)>);

impl Checks {
    fn new(report: &Report) -> Self {
        Self(report.checks().map(|(name, status)| (name.to_owned(), status)).collect())
    }
}

impl Serialize for Checks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, status) in &self.0 {
            map.serialize_entry(name, status)?;
        }
        map.end()
    }
}
