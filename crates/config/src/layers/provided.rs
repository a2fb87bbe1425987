//! Sources of the program's own, such as a secret store.

use figment::{Profile, value::Value as Provided};

use super::{
    Reading,
    file::{Entry, Table},
};
use crate::Origin;

impl Reading<'_> {
    /// What the program's own sources gave, the weakest first.
    pub(super) fn provided(&mut self) {
        for (name, data) in &self.sources.providers {
            let at = |_| Origin::Source(name.clone());
            match data {
                Ok(profiles) => {
                    let tables = profiles.get(&Profile::Default).into_iter().flatten();
                    tables.for_each(|(section, value)| self.table(table(section, value), &at));
                }
                // The error of a store may quote what it holds.
                Err(_) => self.problems.add(name, at(0), "cannot be read"),
            }
        }
    }
}

fn table(section: &str, value: &Provided) -> Table {
    Table { name: section.to_owned(), line: 0, entries: entries(value) }
}

fn entries(value: &Provided) -> Option<Vec<Entry>> {
    let entry = |(field, value): (&String, &Provided)| Entry {
        field: field.clone(),
        line: 0,
        value: serde_json::to_value(value).ok().filter(|value| !value.is_null()),
        entries: entries(value),
    };
    Some(value.as_dict()?.iter().map(entry).collect())
}
