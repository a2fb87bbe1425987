//! Sources of settings that a program adds.

use std::{fmt, sync::Arc};

use palisade_config::{
    Sources,
    figment::{
        self, Profile,
        value::{Dict, Map},
    },
};

/// What a source gives.
type Given = Result<Map<Profile, Dict>, Box<figment::Error>>;
type Read = dyn Fn() -> Given + Send + Sync;

/// A source of settings beside files and environment. It is read each time the settings are.
#[derive(Clone)]
pub(crate) struct SettingsSource {
    name: &'static str,
    read: Arc<Read>,
}

impl SettingsSource {
    pub(crate) fn new(name: &'static str, read: impl Fn() -> Given + Send + Sync + 'static) -> Self {
        Self { name, read: Arc::new(read) }
    }

    pub(crate) fn add_to(&self, sources: Sources) -> Sources {
        sources.provider(self.name, (self.read)().map_err(|error| *error))
    }
}

impl fmt::Debug for SettingsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SettingsSource").field(&self.name).finish()
    }
}
