//! What is wrong with the settings.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{Origin, redact, schema::Schema};

/// One thing that must be put right before the program starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Problem {
    /// The setting, `section.field`; else the name that is not known, or the file that cannot be read.
    pub key: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// The variable that sets it.
    pub variable: Option<String>,
    /// What is wrong. It never holds a secret.
    pub message: String,
    /// The name that was probably meant.
    pub meant: Option<String>,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub struct Problems {
    known: BTreeMap<String, Known>,
    found: Vec<Problem>,
    notes: Vec<String>,
    /// The table whose rules are checked.
    table: String,
}

/// What is known of a setting.
#[derive(Debug)]
struct Known {
    variable: String,
    origin: Option<Origin>,
}

impl Problems {
    pub(crate) fn of(schema: &Schema) -> Self {
        let known = schema
            .settings()
            .map(|setting| (setting.key.clone(), Known { variable: setting.variable.clone(), origin: None }));
        Self { known: known.collect(), found: Vec::new(), notes: Vec::new(), table: String::new() }
    }

    /// Runs the rules of a table, such as an item of a map: in them a key alone (`client_id`) means the setting of that
    /// table. Within another table the name continues it.
    pub fn within(&mut self, table: &str, check: impl FnOnce(&mut Self)) {
        let outer = self.table.clone();
        self.table = if outer.is_empty() { table.to_owned() } else { format!("{outer}.{table}") };
        check(self);
        self.table = outer;
    }

    /// The full key of a setting: of one of the table whose rules are checked, the key alone may be given.
    fn full<'a>(&self, key: &'a str) -> Cow<'a, str> {
        let within = format!("{}.{key}", self.table);
        if self.known.contains_key(&within) { Cow::Owned(within) } else { Cow::Borrowed(key) }
    }

    /// Refuses the value of the setting `key` (`auth.jwt_secret`). Where the value comes from is added by itself.
    /// The message continues "auth.jwt_secret …" and should not hold the value.
    ///
    /// A setting whose value was unreadable is not refused a second time for its default.
    pub fn reject(&mut self, key: &str, message: impl Into<String>) {
        let key = &*self.full(key);
        let unreadable = self.found.iter().any(|problem| problem.key == key && !self.is_set(key));
        if !unreadable {
            let origin = self.origin(key).cloned().unwrap_or(Origin::Default);
            self.add(key, origin, message);
        }
    }

    /// Keeps a line about the setting `key` for the start of the program: what is not wrong, but other than it may seem.
    /// The line continues "AUTH_JWT_SECRET: …" and should not hold the value.
    pub fn note(&mut self, key: &str, note: impl Into<String>) {
        let key = self.full(key);
        let variable = self.known.get(&*key).map_or(&*key, |known| &known.variable);
        self.notes.push(format!("{variable}: {}", redact::urls_within(&note.into())));
    }

    /// Whether the setting has a value from any source, its default aside.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        self.origin(key).is_some()
    }

    /// Where the value of the setting comes from; `None` for the default.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.known.get(&*self.full(key)).and_then(|known| known.origin.as_ref())
    }

    pub(crate) fn set_origin(&mut self, key: &str, origin: Option<Origin>) {
        if let Some(known) = self.known.get_mut(key) {
            known.origin = origin;
        }
    }

    pub(crate) fn add(&mut self, key: &str, origin: Origin, message: impl Into<String>) {
        self.add_with_hint(key, origin, message, None);
    }

    pub(crate) fn add_with_hint(
        &mut self,
        key: &str,
        origin: Origin,
        message: impl Into<String>,
        meant: Option<String>,
    ) {
        let variable = self.known.get(key).map(|known| known.variable.clone());
        let message = redact::urls_within(&message.into());
        self.found.push(Problem { key: key.to_owned(), origin, variable, message, meant });
    }

    /// Whether something is wrong with the setting already.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.found.iter().any(|problem| problem.key == key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn into_found(self) -> Vec<Problem> {
        self.found
    }

    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}
