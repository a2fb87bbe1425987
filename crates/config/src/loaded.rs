//! Settings that are in force, and where each came from.

use std::collections::BTreeMap;

use palisade_core::Environment;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Explanation, Origin, Problem, Report, dump,
    fingerprint::Fingerprint,
    layers::Assignment,
    redact,
    schema::{Schema, Setting},
    sections::Sections,
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

/// What may be shown of a setting.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The value in force, redacted; null for none.
    pub(crate) value: Value,
    /// What each layer gave, redacted, from the weakest to the strongest.
    pub(crate) given: Vec<(Origin, Value)>,
    /// Tells the value in force from another, a secret's too.
    fingerprint: Fingerprint,
}

impl Shown {
    /// Where the value in force comes from.
    pub(crate) fn origin(&self) -> &Origin {
        self.given.last().map_or(&Origin::Default, |(origin, _)| origin)
    }
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
        let shown = schema.settings().map(|setting| {
            let given = assignments.iter().filter(|given| given.key == setting.key);
            let secret = given.clone().next_back().map(|given| &given.value).filter(|_| setting.secret);
            let fingerprint = Fingerprint::of(secret.unwrap_or_else(|| held(&values, setting)));
            let given: Vec<_> =
                given.map(|given| (given.origin.clone(), redact::value(&given.value, setting))).collect();
            let value = given.last().filter(|_| setting.secret).map(|(_, value)| value.clone());
            let value = value.unwrap_or_else(|| in_force(&values, setting));
            (setting.key.clone(), Shown { value, given, fingerprint })
        });
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
        self.shown.iter().filter(move |(key, shown)| differs(key, shown)).map(|(key, _)| key.as_str())
    }

    /// Everything about one setting, by any of its names: `server.port`, `SERVER_PORT`, or another accepted name.
    #[must_use]
    pub fn explain(&self, name: &str) -> Option<Explanation> {
        let setting = self.schema.find(name)?;
        Some(Explanation::new(setting, self.shown.get(&setting.key)?, &self.schema, &self.notes))
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

/// The value that the struct holds, which for a secret is its default and shows as `***` unless the schema may
/// tell it.
fn in_force(values: &Value, setting: &Setting) -> Value {
    match &setting.default {
        Some(default) if setting.secret => redact::value(default, setting),
        _ => redact::value(held(values, setting), setting),
    }
}

fn held<'a>(values: &'a Value, setting: &Setting) -> &'a Value {
    values.get(&setting.section).and_then(|section| section.get(&setting.field)).unwrap_or(&Value::Null)
}
