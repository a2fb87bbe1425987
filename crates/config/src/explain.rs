//! Everything about one setting.

use std::fmt;

use crate::{
    Origin,
    loaded::Shown,
    redact,
    schema::{Setting, plain},
};

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
}

impl Explanation {
    pub(crate) fn new(setting: &Setting, shown: &Shown) -> Self {
        let layers: Vec<_> =
            shown.given.iter().map(|(origin, value)| (origin.clone(), plain(value))).collect();
        Self {
            setting: setting.clone(),
            value: Some(&shown.value).filter(|value| !value.is_null()).map(plain),
            origin: shown.origin().clone(),
            layers,
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
        setting.aliases.iter().try_for_each(|alias| line(f, "also", &alias.name))?;
        for (index, (origin, value)) in self.layers.iter().enumerate() {
            let won = if index + 1 == self.layers.len() { "wins" } else { "overridden" };
            line(f, "given", &format!("{value}  by {origin}, {won}"))?;
        }
        Ok(())
    }
}

fn type_text(setting: &Setting) -> String {
    if setting.secret { format!("{} (secret)", setting.kind) } else { setting.kind.to_string() }
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {label:<10}{}", text.replace(char::is_control, " "))
}
