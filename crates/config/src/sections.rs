//! Sections that a program adds to those of its own struct.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt::{self, Debug},
    sync::Arc,
};

use palisade_core::Environment;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Problems, Rules};

/// A struct that can be a section: one field per setting, each with a default.
///
/// It is implemented for every struct that has what it asks for. `#[serde(default, deny_unknown_fields)]` belongs on the
/// struct, so that settings may be left out and misspelt ones are refused.
pub trait Section:
    JsonSchema + Serialize + DeserializeOwned + Rules + Clone + Debug + Send + Sync + 'static
{
}

impl<S> Section for S where
    S: JsonSchema + Serialize + DeserializeOwned + Rules + Clone + Debug + Send + Sync + 'static
{
}

/// The values of added sections, by type.
#[derive(Clone, Default)]
pub struct Sections(BTreeMap<&'static str, Arc<dyn AnySection>>);

impl Sections {
    /// The section of this type; `None` where no such section was added. Of two sections of one type, the first by name.
    #[must_use]
    pub fn get<S: Section>(&self) -> Option<&S> {
        self.0.values().find_map(|section| (&**section as &dyn Any).downcast_ref())
    }

    /// The section of this name.
    #[must_use]
    pub fn named<S: Section>(&self, name: &str) -> Option<&S> {
        self.0.get(name).and_then(|section| (&**section as &dyn Any).downcast_ref())
    }

    /// Changes the section of this type. Returns whether there is one.
    pub fn update<S: Section>(&mut self, change: impl FnOnce(&mut S)) -> bool {
        for section in self.0.values_mut() {
            if let Some(present) = (&**section as &dyn Any).downcast_ref::<S>() {
                let mut changed = present.clone();
                change(&mut changed);
                *section = Arc::new(changed);
                return true;
            }
        }
        false
    }

    pub(crate) fn insert(&mut self, name: &'static str, section: Arc<dyn AnySection>) {
        self.0.insert(name, section);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &dyn AnySection)> {
        self.0.iter().map(|(name, section)| (*name, &**section))
    }
}

impl Debug for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// A section of any type.
pub(crate) trait AnySection: Any + Debug + Send + Sync {
    fn check(&self, environment: Environment, problems: &mut Problems);
    fn to_value(&self) -> Value;
}

impl<S: Section> AnySection for S {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        Rules::check(self, environment, problems);
    }

    fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
