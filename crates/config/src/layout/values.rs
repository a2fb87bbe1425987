//! Settings that a JSON object of sections holds.

use serde_json::{Map, Value};

use crate::{
    Origin, Problems,
    layers::Assignment,
    schema::{Items, Schema, is_item_name},
};

/// The items of `values`, each with the key of its kind.
pub(super) fn names(values: &Map<String, Value>, schema: &Schema) -> Vec<(String, String)> {
    let of = |items: &Items| {
        let mut path = items.key.split('.');
        let first = path.next().and_then(|section| values.get(section));
        let map = path.try_fold(first?, |value, part| value.get(part))?.as_object()?;
        Some(map.keys().map(|name| (items.key.clone(), name.clone())).collect::<Vec<_>>())
    };
    schema.items().filter_map(of).flatten().filter(|(_, name)| is_item_name(name)).collect()
}

/// What `values` gives each setting.
pub(super) fn assignments(
    values: &Map<String, Value>,
    schema: &Schema,
    problems: &mut Problems,
) -> Vec<Assignment> {
    let mut assignments = Vec::new();
    for (section, fields) in values {
        match fields.as_object() {
            Some(fields) => table(section, fields, schema, problems, &mut assignments),
            None => problems.add(section, Origin::Default, "is no section: an object of settings is needed"),
        }
    }
    assignments
}

fn table(
    name: &str,
    fields: &Map<String, Value>,
    schema: &Schema,
    problems: &mut Problems,
    assignments: &mut Vec<Assignment>,
) {
    if schema.items_of(name).is_some() {
        assignments.push(Assignment::item(name, Origin::Default));
    }
    for (field, value) in fields {
        let key = format!("{name}.{field}");
        let is_table = schema.sections().iter().any(|section| section.name == key)
            || schema.items().any(|items| items.key == key);
        match (schema.key(&key), value) {
            (Some(_), _) => assignments.push(Assignment::in_code(&key, value.clone())),
            (None, Value::Object(fields)) if is_table => table(&key, fields, schema, problems, assignments),
            (None, _) if is_table => problems.add(&key, Origin::Default, "must be an object"),
            (None, _) => problems.add(&key, Origin::Default, "is not a setting"),
        }
    }
}
