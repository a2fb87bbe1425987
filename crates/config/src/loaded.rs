//! Settings that are in force, and where each came from.

use std::collections::BTreeMap;

use palisade_core::Environment;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Explanation, Origin, Problem, Report, TableExplanation, dump,
    layers::Assignment,
    schema::{Schema, Setting},
    sections::Sections,
    shown::Shown,
};

/// The settings of an application, in force: every value was read and every rule holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Loaded<T> {
    /// The settings.
    pub settings: T,
    /// The sections that were added to those of `T`.
    pub sections: Sections,
    /// Where the program runs, as the settings say.
    pub environment: Environment,
    /// Lines to log once at the start: which other name was taken for which setting, what was passed over.
    pub notes: Vec<String>,
    schema: Schema,
    shown: BTreeMap<String, Shown>,
}

impl<T: Serialize> Loaded<T> {
    /// Keeps of the assignments what may be shown, and nothing else: no secret outlives this but in `settings`.
    pub(crate) fn new(
        (settings, sections): (T, Sections),
        environment: Environment,
        schema: Schema,
        assignments: &[Assignment],
        notes: Vec<String>,
    ) -> Self {
        let mut values = serde_json::to_value(&settings).unwrap_or_default();
        if let Some(values) = values.as_object_mut() {
            values.extend(sections.iter().map(|(name, section)| (name.to_owned(), section.to_value())));
        }
        let shown = schema
            .settings()
            .map(|setting| (setting.key.clone(), Shown::new(setting, held(&values, setting), assignments)));
        let shown = shown.collect();
        Self { settings, sections, environment, notes, schema, shown }
    }
}

impl<T> Loaded<T> {
    /// Where the value of a setting comes from, by any of its names; `None` when there is no such setting.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.shown.get(&self.schema.find(name)?.key).map(Shown::origin)
    }

    /// Where each value comes from, by key.
    pub fn origins(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.shown.iter().map(|(key, shown)| (key.as_str(), shown.origin()))
    }

    /// The keys of the settings that have another value here than in `other`, secrets included.
    pub fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        let differs = |key: &str, shown: &Shown| {
            other.shown.get(key).is_none_or(|there| there.fingerprint != shown.fingerprint)
        };
        let here = self.shown.iter().filter(move |(key, shown)| differs(key, shown));
        let gone = other.shown.iter().filter(|(key, _)| !self.shown.contains_key(*key));
        here.chain(gone).map(|(key, _)| key.as_str())
    }

    /// Everything about one setting, by any of its names: `server.port`, `SERVER_PORT`, or another accepted name. Of
    /// `providers.<name>.client_id` what is known without a name.
    #[must_use]
    pub fn explain(&self, name: &str) -> Option<Explanation> {
        let setting = self.schema.find(name)?;
        Some(Explanation::new(setting, self.shown.get(&setting.key), &self.schema, &self.notes))
    }

    /// Everything about one table: a section (`server`), an item (`providers.google`), or all items (`providers`) with
    /// what one can have.
    #[must_use]
    pub fn explain_table(&self, name: &str) -> Option<TableExplanation> {
        TableExplanation::new(name, &self.schema, &self.shown)
    }

    /// The report that refuses the value of the setting `key` for what only its use showed, such as a database
    /// that does not answer: with the value's origin, like any other problem.
    #[must_use]
    pub fn reject(&self, key: &str, message: impl Into<String>) -> Report {
        Report::new(vec![Problem {
            key: key.to_owned(),
            origin: self.origin(key).cloned().unwrap_or(Origin::Default),
            variable: self.schema.find(key).map(|setting| setting.variable.clone()),
            message: message.into(),
            meant: None,
        }])
    }

    /// All settings as TOML, secrets redacted, with the origin of each behind it.
    #[must_use]
    pub fn dump(&self) -> String {
        dump::toml(&self.schema, &self.shown)
    }

    /// The schema of the settings.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

fn held<'a>(values: &'a Value, setting: &Setting) -> &'a Value {
    setting.key.split('.').try_fold(values, |value, part| value.get(part)).unwrap_or(&Value::Null)
}
