//! What is known before anything outside is asked.

use std::sync::Arc;

use palisade_core::{Clock, Ids, Random};

use crate::{facts::Facts, observability::Observability, settings::Settings};

/// Facts, settings, time, randomness, and where measurements go.
pub(crate) struct Ground {
    /// What is known of the program.
    pub(crate) facts: Arc<Facts>,
    /// The settings.
    pub(crate) settings: Settings,
    /// Where measurements go.
    pub(crate) observability: Observability,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub(crate) random: Arc<dyn Random>,
    /// Makes ids.
    pub(crate) ids: Ids,
}

impl Ground {
    pub(crate) fn new(facts: Arc<Facts>, settings: Settings, observability: Observability) -> Self {
        let (clock, random) = (Arc::clone(&facts.clock), Arc::clone(&facts.random));
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
        Self { facts, settings, observability, clock, random, ids }
    }
}
