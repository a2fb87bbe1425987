//! A section whose variables are a public standard.

use serde_json::Value;

/// Says of a section that its variables are a standard that other programs read too, from the struct's `x-env-standard`:
/// `{"of": "OpenTelemetry", "when": {"telemetry.mode": "otlp"}}`.
///
/// Such variables may hold what only another program understands. They are looked at only where a setting has a certain
/// value, and one that does not fit is passed over with a note: it never stops the program. What a settings file or the
/// command line gives the section is meant for us and is judged as everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// Whose standard it is.
    pub of: String,
    /// The setting that decides whether the variables are looked at.
    pub key: String,
    /// The word that it must hold.
    pub word: String,
}

impl Standard {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let (key, word) = entry.get("when")?.as_object()?.iter().next()?;
        Some(Self {
            of: entry.get("of")?.as_str()?.to_owned(),
            key: key.clone(),
            word: word.as_str()?.to_owned(),
        })
    }

    /// Whether the deciding setting, when it has this value, has the variables looked at.
    pub(crate) fn is_met_by(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.is_met_by(item)),
            value => value.as_str() == Some(&self.word),
        }
    }
}
