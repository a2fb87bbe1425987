//! What settings there are, read from the JSON Schema of the structs that hold them.

mod alias;
mod form;
mod items;
mod kind;
mod names;
mod setting;
mod standard;

use schemars::JsonSchema;
use serde_json::Value;

use crate::near;
pub use alias::{Alias, Unit};
pub use form::Form;
pub use items::Items;
pub(crate) use items::is_item_name;
pub use kind::ValueKind;
pub(crate) use names::{Name, Names};
pub use setting::Setting;
pub(crate) use setting::{plain, variable_of};
pub use standard::Standard;

/// Every setting of an application, section by section, in the order of the structs.
#[derive(Debug, Clone)]
pub struct Schema {
    root: Value,
    sections: Vec<Section>,
    names: Names,
}

/// A table of `palisade.toml`, and the first word of its environment names.
#[derive(Debug, Clone)]
pub struct Section {
    /// The table's name: `rate_limit`.
    pub name: String,
    /// What the section is for, from the doc comments.
    pub doc: String,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// Its settings that stand once for each name that the operator chooses.
    pub items: Vec<Items>,
    /// Whose standard its variables are, when they are not ours alone.
    pub standard: Option<Standard>,
    /// Whether no other program has variables that begin with its name, from the struct's `x-env-ours-alone`. Those
    /// that are no settings are then named at start.
    pub is_ours_alone: bool,
}

impl Schema {
    /// The settings of `T`: a struct with one field per section, each section a struct with one field per
    /// setting. A field of `T` that is not a struct is not a section and is left to its default.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Self {
        // Serialised, a schema has its words in the order in which people read them. It always has a JSON form.
        Self::from_json(serde_json::to_value(schemars::schema_for!(T)).unwrap_or_default())
    }

    pub(crate) fn from_json(root: Value) -> Self {
        let sections: Vec<_> = properties(&root)
            .filter_map(|(name, node)| {
                let table = follow(node, &root);
                let doc =
                    text(node, "description").or_else(|| text(table, "description")).unwrap_or_default();
                let settings = settings(name, table, &root);
                let within = properties(table).map(|(field, node)| (format!("{name}.{field}"), node));
                let items = [(name.to_owned(), node)].into_iter().chain(within);
                let items: Vec<_> = items.filter_map(|(key, node)| Items::read(&key, node, &root)).collect();
                if settings.is_empty() && items.is_empty() {
                    return None;
                }
                let standard = table.get("x-env-standard").and_then(Standard::read);
                let is_ours_alone = table.get("x-env-ours-alone").and_then(Value::as_bool).unwrap_or(false);
                Some(Section { name: name.to_owned(), doc, settings, items, standard, is_ours_alone })
            })
            .collect();
        let names = Names::of(&sections);
        Self { root, sections, names }
    }

    /// The sections, in the order of the structs.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The same schema with the tables of these items, each behind its section: the key of the items and a name.
    pub(crate) fn with_items(&self, names: &[(String, String)]) -> Self {
        let tables = |section: &Section| {
            let items = section.items.iter().flat_map(|items| {
                let names = names.iter().filter(|(key, _)| *key == items.key);
                names.map(|(key, name)| Section {
                    name: format!("{key}.{name}"),
                    doc: items.doc.clone(),
                    settings: items.settings_of(name),
                    items: Vec::new(),
                    standard: None,
                    is_ours_alone: true,
                })
            });
            [section.clone()].into_iter().chain(items).collect::<Vec<_>>()
        };
        let sections: Vec<_> = self.sections.iter().flat_map(tables).collect();
        Self { root: self.root.clone(), names: Names::of(&sections), sections }
    }

    /// Everything that stands once for each name that the operator chooses.
    pub fn items(&self) -> impl Iterator<Item = &Items> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// The items in whose table `table` an item stands: those of `providers` for `providers.google`.
    pub(crate) fn items_of(&self, table: &str) -> Option<&Items> {
        let (key, _) = table.rsplit_once('.')?;
        self.items().find(|items| items.key == key)
    }

    /// Every setting, in the order of the structs; of items those whose names are known.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.sections.iter().flat_map(|section| &section.settings)
    }

    /// Whose standard the variables of the setting's section are, when they are not ours alone.
    pub(crate) fn standard(&self, setting: &Setting) -> Option<&Standard> {
        self.sections.iter().find(|section| section.name == setting.section)?.standard.as_ref()
    }

    /// The setting that goes by `name`: its key (`server.port`), its variable (`SERVER_PORT`), another
    /// accepted name (`PORT`), or for a secret any of these with `_FILE` or `_file` behind it. A setting of items goes by
    /// `providers.<name>.client_id`, too.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Setting> {
        let mut templates = self.items().flat_map(|items| &items.settings);
        let is = |setting: &&Setting| {
            setting.key.eq_ignore_ascii_case(name) || setting.variable.eq_ignore_ascii_case(name)
        };
        self.name(name).map(|name| name.setting).or_else(|| templates.find(is))
    }

    /// The name of a setting that was probably meant by one that is unknown.
    #[must_use]
    pub fn suggest(&self, name: &str) -> Option<&str> {
        let templates = self.items().flat_map(|items| &items.settings);
        let keys = self.settings().chain(templates).map(|setting| setting.key.as_str());
        near::closest(name, keys.chain(self.variables()))
    }

    /// What a name from the command line means: a key or a variable.
    pub(crate) fn name(&self, name: &str) -> Option<Name<'_>> {
        self.key(&name.to_ascii_lowercase()).or_else(|| self.variable(&name.to_ascii_uppercase()))
    }

    /// What the environment variable `name` means.
    pub(crate) fn variable(&self, name: &str) -> Option<Name<'_>> {
        self.names.variable(name, &self.sections)
    }

    /// What `section.field` means.
    pub(crate) fn key(&self, key: &str) -> Option<Name<'_>> {
        self.names.key(key, &self.sections)
    }

    /// Every environment variable that means something, also those of secret files.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.names.variables()
    }

    /// The JSON Schema as the structs gave it.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }
}

/// The named members of an object's schema.
fn properties(node: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = node.get("properties").and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, node)| (name.as_str(), node))
}

/// The definition that `node` refers to, or the node itself.
fn follow<'a>(node: &'a Value, root: &'a Value) -> &'a Value {
    let target = node.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(node)
}

/// The settings of a table, a map of structs excepted.
fn settings(table: &str, node: &Value, root: &Value) -> Vec<Setting> {
    let required = node.get("required").and_then(Value::as_array);
    let is_required = |field: &str| required.is_some_and(|names| names.iter().any(|name| name == field));
    properties(node)
        .filter(|(field, node)| table.contains('.') || Items::read(field, node, root).is_none())
        .map(|(field, node)| Setting {
            required: is_required(field),
            ..Setting::read(table, field, node, root)
        })
        .collect()
}

fn text(node: &Value, member: &str) -> Option<String> {
    node.get(member).and_then(Value::as_str).map(str::to_owned)
}
