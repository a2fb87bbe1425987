//! `palisade.toml` and `palisade.{environment}.toml`.

mod toml;

use std::io::ErrorKind;

use serde_json::Value;
pub(super) use toml::{Entry, Table};

use super::{Assignment, Reading, line_end};
use crate::{
    Origin, coerce, near, redact,
    schema::{Items, Name, is_item_name},
};

impl Reading<'_> {
    /// Reads a file of the directory, if there is one.
    pub(super) fn file(&mut self, name: &str) {
        let Some(directory) = &self.sources.directory else { return };
        let at = |line| Origin::File { name: name.to_owned(), line };
        let text = match std::fs::read_to_string(directory.join(name)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return self.problems.add(name, at(1), format!("cannot be read: {error}")),
        };
        match toml::parse(&text) {
            Ok(tables) => tables.into_iter().for_each(|table| self.table(table, &at)),
            Err(error) => {
                self.problems.add(name, at(error.line), format!("is not valid TOML: {}", error.reason))
            }
        }
    }

    pub(super) fn table(&mut self, table: Table, at: &impl Fn(usize) -> Origin) {
        let schema = self.schema;
        if let Some(items) = schema.items().find(|items| items.key == table.name) {
            return self.items(items, table.entries, at(table.line), at);
        }
        let known = schema.sections().iter().any(|section| section.name == table.name);
        let origin = at(table.line);
        match table.entries {
            Some(entries) if known => {
                entries.into_iter().for_each(|entry| self.entry(&table.name, entry, at));
            }
            None if known => self.problems.add(&table.name, origin, "must be a table"),
            Some(_) => {
                let sections = self.schema.sections().iter().map(|section| section.name.as_str());
                let meant = near::closest(&table.name, sections).map(|name| format!("[{name}]"));
                self.problems.add_with_hint(&table.name, origin, "is not a section", meant);
            }
            None => {
                let meant = self.meant("", &table.name);
                self.problems.add_with_hint(&table.name, origin, "is not a section of settings", meant);
            }
        }
    }

    /// The items of a table, one for each name.
    fn items(
        &mut self,
        items: &Items,
        entries: Option<Vec<Entry>>,
        origin: Origin,
        at: &impl Fn(usize) -> Origin,
    ) {
        let Some(entries) = entries else {
            let message = format!("must be a table for each name, [{}]", items.table());
            return self.problems.add(&items.key, origin, message);
        };
        for Entry { field: name, line, entries, .. } in entries {
            let table = format!("{}.{name}", items.key);
            match entries {
                _ if !is_item_name(&name) => self.problems.add(&table, at(line), Items::NAME_RULE),
                None => self.problems.add(&table, at(line), "must be a table"),
                Some(entries) => {
                    self.items.write(&items.key, &name, &at(line));
                    self.assignments.push(Assignment::item(&table, at(line)));
                    entries.into_iter().for_each(|entry| self.entry(&table, entry, at));
                }
            }
        }
    }

    fn entry(&mut self, section: &str, entry: Entry, at: &impl Fn(usize) -> Origin) {
        let key = format!("{section}.{}", entry.field);
        let origin = at(entry.line);
        let schema = self.schema;
        if let Some(items) = schema.items().find(|items| items.key == key) {
            return self.items(items, entry.entries, origin, at);
        }
        match (self.schema.key(&key), entry.value) {
            (None, _) => {
                let meant = self.meant(section, &entry.field);
                self.problems.add_with_hint(&key, origin, self.not_a_setting(&key), meant);
            }
            (Some(name), None) => self.problems.add(&name.setting.key, origin, name.setting.kind.rule()),
            (Some(name), Some(Value::String(path))) if name.file => self.text(name, &key, &path, origin),
            (Some(name), Some(_)) if name.file => {
                self.problems.add(&name.setting.key, origin, "must name its file as text");
            }
            (Some(name), Some(value)) => self.typed(name, &key, value, origin),
        }
    }

    fn typed(&mut self, name: Name<'_>, given: &str, value: Value, origin: Origin) {
        let setting = name.setting;
        let value = match value {
            Value::String(text) if setting.secret => Value::from(line_end::without(&text)),
            value => value,
        };
        match coerce::check(value.clone(), &setting.kind) {
            Ok(value) => {
                self.assign(name, given, value, origin);
            }
            Err(reason) => {
                let shown = redact::refused_value(&value, setting).map(|shown| format!(", not {shown}"));
                self.problems.add(&setting.key, origin, reason + &shown.unwrap_or_default());
            }
        }
    }

    /// The key that an unknown field was probably meant to be: a near one of the section, or the one setting of
    /// that very name in another section.
    fn meant(&self, section: &str, field: &str) -> Option<String> {
        let fields = self.schema.settings().filter(|setting| setting.section == section);
        if let Some(near) = near::closest(field, fields.map(|setting| setting.field.as_str())) {
            return Some(format!("{section}.{near}"));
        }
        let mut elsewhere = self.schema.settings().filter(|setting| setting.field == field);
        let found = elsewhere.next().map(|setting| setting.key.clone());
        found.filter(|_| elsewhere.next().is_none())
    }
}
