//! A text that is given to a setting: by a variable, in `.env`, or on the command line.

use std::path::Path;

use serde_json::Value;

use super::{Assignment, Reading, cluster, line_end, secret_file};
use crate::{
    Form, Origin, coerce, redact,
    schema::{Name, Setting},
};

impl Reading<'_> {
    /// Gives `text` to the setting that `name` means; `given` is that name as it was written.
    ///
    /// An empty text counts as not given, except for a list, which it empties: container tools pass variables on
    /// empty when nobody has set them.
    pub(super) fn text(&mut self, name: Name<'_>, given: &str, text: &str, origin: Origin) {
        let setting = name.setting;
        if self.counts_for_nothing(name, given, text) {
            return;
        }
        if name.alias.is_none() {
            self.own.insert(setting.key.clone(), given.to_owned());
        }
        if name.file {
            return self.secret_file(name, given, text, origin);
        }
        match value(name, text) {
            Ok(Value::Null) => {}
            Ok(value) => self.assign(name, given, value, origin),
            Err(reason) => self.refuse(name, text, &reason, origin),
        }
    }

    /// The same of a variable with another name than the setting's own.
    pub(super) fn alias(&mut self, name: Name<'_>, given: &str, text: &str, origin: Origin) {
        let (setting, Some(alias)) = (name.setting, name.alias) else { return };
        if self.counts_for_nothing(name, given, text) {
            return;
        }
        let value = if name.file { Ok(Value::Null) } else { value(name, text) };
        if let Some(instead) = alias.instead.as_ref().filter(|_| alias.map.is_none() || value.is_err()) {
            return self.note(format!("{given} is ignored: {instead}"));
        }
        if let Some(own) = self.own.get(&setting.key).cloned() {
            if !self.is_given(&setting.key, &value) {
                self.note(format!("{given} is ignored: {own} is set too, and wins"));
            }
            return;
        }
        let own = if name.file { setting.file_variable() } else { None };
        let own = own.as_ref().unwrap_or(&setting.variable);
        if let Some(reason) = value.err().filter(|_| alias.ignore_invalid) {
            return self.note(format!("{given} is ignored: as {own} it {reason}"));
        }
        let unit = alias.unit.map(|unit| format!(", in {},", unit.name())).unwrap_or_default();
        self.note(format!("{given}{unit} is read as {own}"));
        self.text(name, given, text, origin);
    }

    /// Whether the layer at hand gives the setting this very value already.
    fn is_given(&self, key: &str, value: &Result<Value, coerce::Reason>) -> bool {
        let given = self.assignments.iter().rfind(|given| given.key == key);
        given.is_some_and(|given| value.as_ref() == Ok(&given.value))
    }

    fn counts_for_nothing(&mut self, name: Name<'_>, given: &str, text: &str) -> bool {
        let setting = name.setting;
        if secret(setting, text).is_empty() && (name.file || !setting.kind.has_empty()) {
            return true;
        }
        let is_address = !name.file && cluster::is_address_for(given, text, &setting.kind);
        if is_address {
            self.note(format!("{given} is ignored: it holds the address a cluster gives a service"));
        }
        is_address
    }

    fn secret_file(&mut self, name: Name<'_>, given: &str, path: &str, origin: Origin) {
        let path = self.sources.directory.as_deref().unwrap_or(Path::new("")).join(path);
        match secret_file::read(&path).and_then(|text| coerce::read(&text, &name.setting.kind)) {
            Ok(value) => self.assign(name, given, value, origin),
            Err(reason) => {
                let message = format!("the file {} named by {given} {reason}", path.display());
                self.problems.add(&name.setting.key, origin, message);
            }
        }
    }

    /// Gives `value` to the setting that `name` means.
    pub(super) fn assign(&mut self, name: Name<'_>, given: &str, value: Value, origin: Origin) {
        let (key, file) = (name.setting.key.clone(), name.file);
        self.assignments.push(Assignment { key, value, origin, name: given.to_owned(), file });
    }

    fn refuse(&mut self, name: Name<'_>, text: &str, reason: &str, origin: Origin) {
        let setting = name.setting;
        let shown = redact::refused(text, setting).map(|shown| format!(", not {shown}"));
        let unit = name.alias.and_then(|alias| alias.unit).map(|unit| format!(" {}", unit.name()));
        let shown = format!("{}{}", shown.unwrap_or_default(), unit.unwrap_or_default());
        self.problems.add(&setting.key, origin, format!("{reason}{shown}"));
    }

    /// Keeps a line for the start of the program; saying it once is enough.
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// The value that `text` stands for under this name; null when it is the same as not given.
fn value(name: Name<'_>, text: &str) -> Result<Value, coerce::Reason> {
    let text = secret(name.setting, text);
    let value = match name.alias.and_then(|alias| alias.translate(text)) {
        Some(Ok(Value::Null)) => return Ok(Value::Null),
        Some(Ok(value)) => coerce::check(value, &name.setting.kind)?,
        Some(Err(reason)) => return Err(reason),
        None => coerce::read(text, &name.setting.kind)?,
    };
    formed(value, name.alias.and_then(|alias| alias.form))
}

/// The value, when it looks as it must.
pub(super) fn formed(value: Value, form: Option<Form>) -> Result<Value, coerce::Reason> {
    match form.filter(|form| !form.fits(&value)) {
        Some(form) => Err(form.rule().to_owned()),
        None => Ok(value),
    }
}

/// The text of a secret without a line end behind it; any other text as it is.
pub(super) fn secret<'a>(setting: &Setting, text: &'a str) -> &'a str {
    if setting.secret { line_end::without(text) } else { text }
}
