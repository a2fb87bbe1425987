//! Everything about one setting.

mod table;

use std::fmt;

use crate::{
    Origin, redact,
    schema::{Alias, Schema, Setting, Standard, plain},
    shown::Shown,
};

pub use table::TableExplanation;

/// Everything about one setting. It shows as a text for a person; values are redacted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The setting itself: key, names, kind, default, documentation.
    pub setting: Setting,
    /// The value in force, redacted; `None` when there is none.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// Every layer that gives a value, redacted, from the weakest to the strongest; the last one won.
    pub layers: Vec<(Origin, String)>,
    /// What was noted of any of its names when the settings were read.
    pub notes: Vec<String>,
    /// Whose standard its variable is, when it is not ours alone.
    pub standard: Option<Standard>,
}

impl Explanation {
    pub(crate) fn new(setting: &Setting, shown: Option<&Shown>, schema: &Schema, notes: &[String]) -> Self {
        let given = shown.into_iter().flat_map(|shown| &shown.given);
        let layers: Vec<_> = given.map(|(origin, value)| (origin.clone(), plain(value))).collect();
        Self {
            setting: setting.clone(),
            value: shown.map(|shown| &shown.value).filter(|value| !value.is_null()).map(plain),
            origin: shown.map_or(&Origin::Default, Shown::origin).clone(),
            layers,
            notes: notes.iter().filter(|note| is_of(note, setting)).cloned().collect(),
            standard: schema.standard(setting).cloned(),
        }
    }

    /// The default in words, redacted.
    #[must_use]
    pub fn default_text(&self) -> String {
        let default = self.setting.default.as_ref();
        let default = default.map(|default| redact::value(default, &self.setting));
        Setting { default, ..self.setting.clone() }.default_text()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = &self.setting;
        writeln!(f, "{}", setting.key)?;
        setting.doc.lines().try_for_each(|doc| writeln!(f, "  {doc}"))?;
        writeln!(f)?;
        line(f, "value", self.value.as_deref().unwrap_or("unset"))?;
        line(f, "origin", &self.origin.to_string())?;
        line(f, "default", &self.default_text())?;
        line(f, "type", &type_text(setting))?;
        line(f, "variable", &setting.variable)?;
        setting.file_variable().iter().try_for_each(|name| line(f, "or a file", name))?;
        setting.accepted().try_for_each(|alias| line(f, "also", &also(alias)))?;
        for alias in &setting.aliases {
            alias
                .instead
                .iter()
                .try_for_each(|instead| line(f, "not", &format!("{}: {instead}", alias.name)))?;
        }
        for (index, (origin, value)) in self.layers.iter().enumerate() {
            let won = if index + 1 == self.layers.len() { "wins" } else { "overridden" };
            line(f, "given", &format!("{value}  by {origin}, {won}"))?;
        }
        if let Some(Standard { of, key, word }) = &self.standard {
            let only =
                format!("{} is a variable of {of}, looked at where {key} has `{word}`", setting.variable);
            line(f, "only", &only)?;
        }
        self.notes.iter().try_for_each(|note| line(f, "note", note))
    }
}

/// Whether a note is about one of the setting's names, with which it begins.
fn is_of(note: &str, setting: &Setting) -> bool {
    let word = note.split([' ', ',', ':']).next().unwrap_or_default();
    let name = word.strip_suffix("_FILE").unwrap_or(word);
    let is = |known: &str| known == word || known == name;
    is(&setting.variable) || setting.aliases.iter().any(|alias| is(&alias.name))
}

fn also(alias: &Alias) -> String {
    alias.unit.map_or_else(|| alias.name.clone(), |unit| format!("{}, in {}", alias.name, unit.name()))
}

fn type_text(setting: &Setting) -> String {
    if setting.secret { format!("{} (secret)", setting.kind) } else { setting.kind.to_string() }
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {label:<10}{}", text.replace(char::is_control, " "))
}
