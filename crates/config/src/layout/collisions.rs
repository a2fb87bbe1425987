//! Whether each variable means one setting.

use std::collections::BTreeMap;

use super::SectionError;
use crate::schema::{Items, Schema, Setting};

/// No variable sets two settings, whatever names the operator chooses for items.
pub(super) fn check(schema: &Schema) -> Result<(), SectionError> {
    let mut variables: BTreeMap<&str, &str> = BTreeMap::new();
    for setting in schema.settings() {
        if let Some(first) = variables.insert(&setting.variable, &setting.key) {
            return Err(both(&setting.variable, first, &setting.key));
        }
    }
    schema.items().try_for_each(|items| check_items(items, &variables, schema))
}

fn check_items(items: &Items, fixed: &BTreeMap<&str, &str>, schema: &Schema) -> Result<(), SectionError> {
    if let Some(setting) = items.settings.iter().find(|setting| !setting.aliases.is_empty()) {
        return Err(SectionError::Alias(setting.key.clone()));
    }
    let others = schema.items().filter(|other| other.key != items.key).flat_map(|other| &other.settings);
    // With some name in its place, as an operator could choose it.
    let others = others.map(|Setting { variable, key, .. }| (variable.replace(['<', '>'], ""), key.as_str()));
    let fixed = fixed.iter().map(|(variable, key)| ((*variable).to_owned(), *key));
    let found = fixed.chain(others).find(|(variable, _)| items.name_in(variable).is_some());
    found.map_or(Ok(()), |(variable, key)| Err(both(&variable, key, &items.table())))
}

fn both(variable: &str, first: &str, second: &str) -> SectionError {
    let (variable, first, second) = (variable.to_owned(), first.to_owned(), second.to_owned());
    SectionError::Variable { variable, first, second }
}
