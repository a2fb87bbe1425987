//! The items whose names the layers hold.

use std::collections::BTreeMap;

use crate::{
    Origin, Problems,
    schema::{Schema, Setting, is_item_name},
};

/// The items that were found, each with where it stands first.
#[derive(Default)]
pub(super) struct FoundItems {
    /// Names as they were written, by the key of the items and the name.
    written: BTreeMap<(String, String), Origin>,
    /// Variables, with the name that each would mean if no such item was written.
    variables: Vec<(String, String, String)>,
}

impl FoundItems {
    pub(super) fn write(&mut self, key: &str, name: &str, origin: &Origin) {
        self.written.entry((key.to_owned(), name.to_owned())).or_insert_with(|| origin.clone());
    }

    /// Remembers a variable that sets an item. Returns whether it does.
    pub(super) fn variable(&mut self, schema: &Schema, variable: &str) -> bool {
        let found = schema.items().find_map(|items| Some((items.key.clone(), items.name_in(variable)?)));
        let is_found = found.is_some();
        self.variables.extend(found.map(|(key, name)| (key, name, variable.to_owned())));
        is_found
    }

    /// Remembers an item that a key of the command line names: `providers.google.client_id`.
    pub(super) fn key(&mut self, schema: &Schema, key: &str, origin: &Origin) {
        for items in schema.items() {
            let rest = key.strip_prefix(&items.key).and_then(|rest| rest.strip_prefix('.'));
            if let Some((name, _)) =
                rest.and_then(|rest| rest.split_once('.')).filter(|(name, _)| is_item_name(name))
            {
                self.write(&items.key, name, origin);
            }
        }
    }

    /// The names, each with the key of its items. A variable means the item that was written where there is one:
    /// `PROVIDERS_MY_IDP_CLIENT_ID` is that of `my-idp`, and else makes `my_idp`.
    pub(super) fn names(&self, schema: &Schema) -> Vec<(String, String)> {
        let written: Vec<_> = self.written.keys().cloned().collect();
        let known = schema.with_items(&written);
        let unknown = self.variables.iter().filter(|(.., variable)| known.variable(variable).is_none());
        let mut names: Vec<_> =
            unknown.map(|(key, name, _)| (key.clone(), name.clone())).chain(written).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Reports tables that one variable would set both: two spellings of one name, or a name that continues another.
    pub(super) fn report_collisions(&self, schema: &Schema, problems: &mut Problems) {
        let mut owners: BTreeMap<&str, &Setting> = BTreeMap::new();
        let mut reported = Vec::new();
        for setting in schema.settings() {
            let Some(first) = owners.insert(&setting.variable, setting) else { continue };
            let tables = (&first.section, &setting.section);
            if reported.contains(&tables) {
                continue;
            }
            reported.push(tables);
            let message = format!(
                "cannot stand beside `{}`{}: the variable {} would set both; rename one",
                first.section,
                self.origin(&first.section).map(|origin| format!(" ({origin})")).unwrap_or_default(),
                setting.variable
            );
            let origin = self.origin(&setting.section).cloned().unwrap_or(Origin::Default);
            problems.add(&setting.section, origin, message);
        }
    }

    fn origin(&self, table: &str) -> Option<&Origin> {
        let (key, name) = table.rsplit_once('.')?;
        self.written.get(&(key.to_owned(), name.to_owned()))
    }
}
