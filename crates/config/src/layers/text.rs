//! A text that is given to a setting: by a variable, in `.env`, or on the command line.

use std::path::Path;

use serde_json::Value;

use super::{Assignment, Reading, cluster, secret_file};
use crate::{
    Origin, coerce, redact,
    schema::{Name, Setting},
};

impl Reading<'_> {
    /// Gives `text` to the setting that `name` means; `given` is that name as it was written.
    ///
    /// An empty text counts as not given, except for a list, which it empties: container tools pass variables on
    /// empty when nobody has set them.
    pub(super) fn text(&mut self, name: Name<'_>, given: &str, text: &str, origin: Origin) {
        let setting = name.setting;
        if text.is_empty() && (name.file || !setting.kind.has_empty()) {
            return;
        }
        if !name.file && cluster::is_address_for(given, text, &setting.kind) {
            return self.note(format!("{given} is ignored: it holds the address a cluster gives a service"));
        }
        if name.alias.is_some() {
            let own = if name.file { setting.file_variable() } else { None };
            self.note(format!("{given} is read as {}", own.as_ref().unwrap_or(&setting.variable)));
        }
        if name.file {
            return self.secret_file(name, given, text, origin);
        }
        match value(name, text) {
            Ok(Value::Null) => {}
            Ok(value) => self.assign(name, given, value, origin),
            Err(_) if name.alias.is_some_and(|alias| alias.ignore_invalid) => {
                self.note(format!("{given} is ignored: its value is not one of {}", setting.variable));
            }
            Err(reason) => self.refuse(setting, text, &reason, origin),
        }
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

    fn refuse(&mut self, setting: &Setting, text: &str, reason: &str, origin: Origin) {
        let shown = redact::refused(text, setting).map(|shown| format!(", not {shown}"));
        self.problems.add(&setting.key, origin, format!("{reason}{}", shown.unwrap_or_default()));
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
    match name.alias.and_then(|alias| alias.translate(text)) {
        Some(Ok(Value::Null)) => Ok(Value::Null),
        Some(Ok(value)) => coerce::check(value.clone(), &name.setting.kind),
        Some(Err(reason)) => Err(reason),
        None => coerce::read(text, &name.setting.kind),
    }
}
