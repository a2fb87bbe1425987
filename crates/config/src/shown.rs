//! What may be shown of a setting.

use serde_json::Value;

use crate::{Origin, fingerprint::Fingerprint, layers::Assignment, redact, schema::Setting};

/// What may be shown of a setting.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The value in force, redacted; null for none.
    pub(crate) value: Value,
    /// What each layer gave, redacted, from the weakest to the strongest.
    pub(crate) given: Vec<(Origin, Value)>,
    /// Tells the value in force from another, a secret's too.
    pub(crate) fingerprint: Fingerprint,
}

impl Shown {
    /// What may be shown of `setting`, whose section holds `held` after these assignments.
    pub(crate) fn new(setting: &Setting, held: &Value, assignments: &[Assignment]) -> Self {
        let given = assignments.iter().filter(|given| given.key == setting.key);
        let secret = given.clone().next_back().map(|given| &given.value).filter(|_| setting.secret);
        let fingerprint = Fingerprint::of(secret.unwrap_or(held));
        let given: Vec<_> =
            given.map(|given| (given.origin.clone(), redact::value(&given.value, setting))).collect();
        let value = given.last().filter(|_| setting.secret).map(|(_, value)| value.clone());
        let value = value.unwrap_or_else(|| in_force(held, setting));
        Self { value, given, fingerprint }
    }

    /// Where the value in force comes from.
    pub(crate) fn origin(&self) -> &Origin {
        self.given.last().map_or(&Origin::Default, |(origin, _)| origin)
    }
}

/// The value that the struct holds, which for a secret is its default and shows as `***` unless the schema may
/// tell it.
fn in_force(held: &Value, setting: &Setting) -> Value {
    match &setting.default {
        Some(default) if setting.secret => redact::value(default, setting),
        _ => redact::value(held, setting),
    }
}
