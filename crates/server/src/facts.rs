//! What is known of a program that its parts need, and nothing of its domains.

use std::{any::Any, sync::Arc};

use palisade_core::{Clock, Random};
use palisade_telemetry::metrics::{Declaration, Telemetry};

/// Facts about a program.
pub struct Facts {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) license: &'static str,
    pub(crate) permissions: Vec<(&'static str, &'static str)>,
    pub(crate) grants: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) metrics: Vec<Declaration>,
    pub(crate) contributions: Vec<(&'static str, Arc<dyn Any + Send + Sync>)>,
    pub(crate) receivers: Vec<Arc<dyn Telemetry>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Facts {
    /// The program's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The program's version.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Every permission, with what it allows.
    #[must_use]
    pub fn permissions(&self) -> &[(&'static str, &'static str)] {
        &self.permissions
    }

    /// What roles are granted: each with its permissions. A role may come several times.
    pub fn grants(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.grants.iter().map(|(role, permissions)| (*role, &**permissions))
    }

    /// The values of this type that domains have [contributed](crate::Domain::contribute), each with its domain's name, in the
    /// order of the domains.
    pub fn contributions<T: 'static>(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.contributions.iter().filter_map(|(domain, value)| Some((*domain, value.downcast_ref()?)))
    }

    /// Everything that is measured.
    #[must_use]
    pub fn metrics(&self) -> &[Declaration] {
        &self.metrics
    }
}

impl std::fmt::Debug for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
