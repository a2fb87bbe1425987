//! The bodies of the health routes.

use palisade_core::Environment;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Health;
use crate::{Phase, Report, Status};

/// The body of `GET /health` without prefix.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HealthAlive))]
pub struct Alive {
    /// Always `ok`.
    #[cfg_attr(feature = "openapi", schema(value_type = AliveStatus))]
    pub status: &'static str,
}

/// The body of a probe.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HealthProbe))]
pub struct Probe {
    /// The state of the whole.
    #[cfg_attr(feature = "openapi", schema(value_type = ProbeStatus))]
    pub status: &'static str,
    /// The state of each configured part, by its name.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<PartName, PartStatus>, example = json!({"db": "ok"})))]
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

/// The name of a part.
#[cfg(feature = "openapi")]
enum PartName {}

#[cfg(feature = "openapi")]
palisade_core::text_schema! {
    PartName as "HealthPartName", 1..=64, "^[a-z0-9_-]+$", "The name of a part.", "db",
}

/// Writes the enumerations of the words above. They are read by the API document only.
#[cfg(feature = "openapi")]
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident as $shown:ident { $($word:ident),* })*) => {
        $($(#[$doc])*
        #[derive(utoipa::ToSchema)]
        #[schema(as = $shown, rename_all = "snake_case")]
        #[expect(dead_code, reason = "it is read by the API document only")]
        enum $name { $($word),* })*
    };
}

#[cfg(feature = "openapi")]
words! {
    /// It answers.
    AliveStatus as HealthAliveStatus { Ok }
    /// The state of the program.
    ProbeStatus as HealthProbeStatus { Ok, Degraded, Fail, Starting }
    /// The state of a part.
    PartStatus as HealthPartStatus { Ok, Degraded, Fail }
    /// The state of the program in a word for people.
    SummaryStatus as HealthSummaryStatus { Healthy, Degraded }
    /// Whether the database answers.
    DatabaseStatus as HealthDatabaseStatus { Connected, Disconnected }
    /// Where the program runs.
    EnvironmentName as Environment { Local, Test, Staging, Production }
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
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HealthSummary))]
pub struct Summary {
    /// `healthy`, or `degraded` while the program starts and when any part is lost.
    #[cfg_attr(feature = "openapi", schema(value_type = SummaryStatus))]
    pub status: &'static str,
    /// The program's version.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^[0-9A-Za-z.+-]+$", max_length = 64, example = "1.0.0")
    )]
    pub version: &'static str,
    /// Where the program runs.
    #[cfg_attr(feature = "openapi", schema(value_type = EnvironmentName))]
    pub environment: Environment,
    /// `connected` or `disconnected`; absent when no database is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DatabaseStatus>, nullable = false))]
    pub database: Option<&'static str>,
    /// The state of each configured part, by its name.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<PartName, PartStatus>, example = json!({"db": "ok"})))]
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
