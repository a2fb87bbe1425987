//! `.env` and the environment: names that belong to everybody.

use std::{collections::BTreeMap, io::ErrorKind};

use super::{Reading, Variable, cluster};
use crate::{
    Origin,
    dotenv::{self, Entry},
    near,
    schema::{Name, variable_of},
};

impl Reading<'_> {
    /// Reads `.env` of the directory, if there is one. It is read as data: nothing enters the process
    /// environment.
    pub(super) fn dot_env(&mut self) -> Vec<Variable> {
        let Some(directory) = &self.sources.directory else { return Vec::new() };
        let at = |line, variable| Origin::DotEnv { line, variable };
        let bytes = match std::fs::read(directory.join(".env")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.problems.add(".env", at(1, String::new()), format!("cannot be read: {error}"));
                return Vec::new();
            }
        };
        let (entries, malformed) = dotenv::parse(&bytes);
        for bad in malformed {
            self.problems.add(".env", at(bad.line, String::new()), format!("the line {}", bad.reason));
        }
        let entries = self.last_of_each(entries).into_iter();
        let variable = |Entry { line, name, text }| Variable { origin: at(line, name.clone()), name, text };
        entries.map(variable).collect()
    }

    /// The entries that count: a shell that reads the file would keep the later of two.
    fn last_of_each(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut last: BTreeMap<String, Entry> = BTreeMap::new();
        for entry in entries {
            let (name, line) = (entry.name.clone(), entry.line);
            let before = last.insert(name.clone(), entry).filter(|_| self.schema.variable(&name).is_some());
            if let Some(before) = before.map(|before| before.line) {
                self.note(format!("{name} stands twice in .env; line {line} counts, line {before} does not"));
            }
        }
        last.into_values().collect()
    }

    /// Reads the environment.
    pub(super) fn environment(&mut self) -> Vec<Variable> {
        let mut variables = Vec::new();
        let sources = self.sources;
        for (name, value) in sources.capture.variables() {
            let origin = Origin::Variable(name.to_owned());
            match (value.to_str(), self.schema.variable(name)) {
                (Some(text), _) => {
                    variables.push(Variable { name: name.to_owned(), text: text.to_owned(), origin });
                }
                (None, Some(known)) if self.is_anothers(known) => {}
                (None, Some(known)) => self.problems.add(&known.setting.key, origin, "is not UTF-8 text"),
                (None, None) => {}
            }
        }
        variables
    }

    /// Reads variables: first those with names of our own, which win over other names of the same setting.
    pub(super) fn variables(&mut self, variables: Vec<Variable>) {
        let schema = self.schema;
        let is_alias =
            |variable: &Variable| schema.variable(&variable.name).is_some_and(|known| known.alias.is_some());
        let (aliases, others): (Vec<_>, Vec<_>) = variables.into_iter().partition(is_alias);
        others.into_iter().chain(aliases).for_each(|variable| self.variable(variable));
    }

    /// A variable is a setting, a misspelt setting, or none of our business.
    fn variable(&mut self, variable: Variable) {
        let Variable { name, text, origin } = &variable;
        match self.schema.variable(name) {
            Some(known) if self.is_anothers(known) => self.standard.push(variable),
            Some(known) if known.alias.is_some() => self.alias(known, name, text, origin.clone()),
            Some(known) => self.text(known, name, text, origin.clone()),
            None if cluster::is_injected(name, text) => {}
            None => self.unknown(variable),
        }
    }

    fn unknown(&mut self, variable: Variable) {
        let schema = self.schema;
        let Variable { name, text, origin } = &variable;
        // An empty value makes no item, and none is left without it where the item is known.
        if text.is_empty() && schema.items().any(|items| items.name_in(name).is_some())
            || self.items.variable(schema, name)
        {
            return;
        }
        let is_read = |known: &Name<'_>| known.alias.is_none_or(|alias| !alias.is_never_read());
        let known = schema.variables().filter(|word| schema.variable(word).as_ref().is_some_and(is_read));
        match near::misspelt(name, known) {
            Some(meant) if schema.variable(meant).is_some_and(|known| self.is_anothers(known)) => {
                self.standard.push(variable);
            }
            Some(meant) => {
                let meant = Some(meant.to_owned());
                self.problems.add_with_hint(name, origin.clone(), "is not a setting, but nearly one", meant);
            }
            None => self.unknown_item(name, origin),
        }
    }

    fn unknown_item(&mut self, name: &str, origin: &Origin) {
        let schema = self.schema;
        if let Some(meant) = schema.items().find_map(|items| items.misspelt(name)) {
            let message = "is not a setting, but nearly one";
            self.problems.add_with_hint(name, origin.clone(), message, Some(meant));
        } else if let Some(items) = schema.items().find(|items| variable_of(&items.key) == name) {
            let begin = items.variable();
            self.note(format!("{name} is ignored: each item has variables of its own, {begin}_…"));
        } else if self.is_ours_alone(name) {
            self.note(format!("{name} is ignored: there is no such setting"));
        }
    }

    /// Whether the setting's variables are the standard of somebody else.
    fn is_anothers(&self, known: Name<'_>) -> bool {
        self.schema.standard(known.setting).is_some()
    }

    /// Whether nobody else has variables that begin like this one.
    fn is_ours_alone(&self, name: &str) -> bool {
        let sections = self.schema.sections().iter().filter(|section| section.is_ours_alone);
        sections
            .map(|section| variable_of(&section.name))
            .any(|prefix| name.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with('_')))
    }
}
