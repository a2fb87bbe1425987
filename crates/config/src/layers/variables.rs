//! `.env` and the environment: names that belong to everybody.

use std::{collections::BTreeMap, io::ErrorKind};

use super::{Reading, cluster};
use crate::{
    Origin,
    dotenv::{self, Entry},
    near,
};

impl Reading<'_> {
    /// Reads `.env` of the directory, if there is one. It is read as data: nothing enters the process
    /// environment.
    pub(super) fn dot_env(&mut self) {
        let Some(directory) = &self.sources.directory else { return };
        let at = |line, variable| Origin::DotEnv { line, variable };
        let bytes = match std::fs::read(directory.join(".env")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => {
                return self.problems.add(".env", at(1, String::new()), format!("cannot be read: {error}"));
            }
        };
        let (entries, malformed) = dotenv::parse(&bytes);
        for bad in malformed {
            self.problems.add(".env", at(bad.line, String::new()), format!("the line {}", bad.reason));
        }
        for entry in self.last_of_each(entries) {
            self.variable(&entry.name, &entry.text, at(entry.line, entry.name.clone()));
        }
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
    pub(super) fn environment(&mut self) {
        let sources = self.sources;
        for (name, value) in sources.capture.variables() {
            let origin = Origin::Variable(name.to_owned());
            match (value.to_str(), self.schema.variable(name)) {
                (Some(text), _) => self.variable(name, text, origin),
                (None, Some(known)) => self.problems.add(&known.setting.key, origin, "is not UTF-8 text"),
                (None, None) => {}
            }
        }
    }

    /// A variable is a setting, a misspelt setting, or none of our business.
    fn variable(&mut self, name: &str, text: &str, origin: Origin) {
        if let Some(known) = self.schema.variable(name) {
            return self.text(known, name, text, origin);
        }
        if cluster::is_injected(name, text) {
            return;
        }
        if let Some(meant) = near::misspelt(name, self.schema.variables()).map(str::to_owned) {
            self.problems.add_with_hint(name, origin, "is not a setting, but nearly one", Some(meant));
        }
    }
}
