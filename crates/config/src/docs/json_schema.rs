//! The JSON Schema of `palisade.toml`.

use serde_json::{Map, Value, json};

use crate::schema::{Items, Schema, Section, Setting};

/// The JSON Schema of `palisade.toml`, for editors: completion, types, documentation. Defaults that would show a
/// secret are left out, and each secret also has its `_file` key.
#[must_use]
pub fn json_schema(schema: &Schema) -> String {
    let mut root = schema.root().clone();
    clean(&mut root);
    if let Some(root) = root.as_object_mut() {
        root.insert("title".to_owned(), json!("palisade.toml"));
        let tables = schema.sections().iter().map(|table| section(table, root)).collect();
        if let Some(definitions) = root.get("$defs").cloned() {
            root.insert("$defs".to_owned(), without_sections(definitions, schema));
        }
        root.insert("properties".to_owned(), tables);
    }
    // A tree of strings and numbers always has a text.
    serde_json::to_string_pretty(&root).unwrap_or_default() + "\n"
}

/// The section's table written out, so that `_file` keys of one section do not reach another of the same type.
fn section(section: &Section, root: &Map<String, Value>) -> (String, Value) {
    let node = root.get("properties").and_then(|sections| sections.get(&section.name));
    let table = node.and_then(definition).and_then(|name| root.get("$defs")?.get(name)).or(node).cloned();
    let mut table = table.unwrap_or_default();
    for items in &section.items {
        let field = items.key.strip_prefix(&section.name).and_then(|field| field.strip_prefix('.'));
        let map = match field {
            Some(field) => table.get_mut("properties").and_then(|fields| fields.get_mut(field)),
            None => Some(&mut table),
        };
        map.into_iter().for_each(|map| finish_items(items, map, root));
    }
    if let Some(fields) = table.get_mut("properties").and_then(Value::as_object_mut) {
        section.settings.iter().for_each(|setting| finish(setting, fields));
    }
    if let Some(table) = table.as_object_mut().filter(|_| !section.doc.is_empty()) {
        table.insert("description".to_owned(), json!(section.doc));
    }
    (section.name.clone(), table)
}

/// The table of an item written out, and what a name may be.
fn finish_items(items: &Items, map: &mut Value, root: &Map<String, Value>) {
    let item = map.get("additionalProperties");
    let mut item = item.and_then(definition).and_then(|name| root.get("$defs")?.get(name)).or(item).cloned();
    if let Some(fields) = item.as_mut().and_then(|item| item.get_mut("properties")?.as_object_mut()) {
        items.settings.iter().for_each(|setting| finish(setting, fields));
    }
    if let Some(map) = map.as_object_mut() {
        map.insert("additionalProperties".to_owned(), item.unwrap_or_default());
        map.insert("propertyNames".to_owned(), json!({"pattern": "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"}));
    }
}

/// The definitions that are not those of a section: they are written out in their place.
fn without_sections(mut definitions: Value, schema: &Schema) -> Value {
    let nodes = schema.root().get("properties").and_then(Value::as_object);
    let sections: Vec<_> = nodes.into_iter().flatten().filter_map(|(_, node)| definition(node)).collect();
    if let Some(definitions) = definitions.as_object_mut() {
        definitions.retain(|name, _| !sections.contains(&name.as_str()));
    }
    definitions
}

/// The name of the definition that a node refers to.
fn definition(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

fn finish(setting: &Setting, fields: &mut Map<String, Value>) {
    if let Some(field) = fields.get_mut(&setting.field).and_then(Value::as_object_mut) {
        match &setting.default {
            Some(default) => drop(field.insert("default".to_owned(), default.clone())),
            None => field.retain(|name, _| name != "default"),
        }
    }
    if setting.secret {
        let doc = format!("The path of a file that holds `{}`.", setting.field);
        let file = json!({"type": "string", "description": doc});
        fields.entry(format!("{}_file", setting.field)).or_insert(file);
    }
}

/// Removes our own words, and the defaults of whole sections, which repeat those of their fields.
fn clean(node: &mut Value) {
    match node {
        Value::Object(members) => {
            let refers = members.contains_key("$ref");
            let repeats = |name: &str, inner: &Value| refers && name == "default" && inner.is_object();
            members.retain(|name, inner| !name.starts_with("x-") && !repeats(name, inner));
            members.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}
