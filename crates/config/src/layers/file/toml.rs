//! The tables of a TOML text, with the line of each key.

use serde_json::{Map, Number, Value};
use toml_edit::{ImDocument, Item, Key, TableLike, Value as TomlValue};

/// A key at the top of the file.
pub(in crate::layers) struct Table {
    pub(in crate::layers) name: String,
    pub(in crate::layers) line: usize,
    /// `None` when it is not a table.
    pub(in crate::layers) entries: Option<Vec<Entry>>,
}

/// A key in a table.
pub(in crate::layers) struct Entry {
    pub(in crate::layers) field: String,
    pub(in crate::layers) line: usize,
    /// `None` for what has no meaning in a setting, such as `nan`.
    pub(in crate::layers) value: Option<Value>,
    /// `None` when it is not a table.
    pub(in crate::layers) entries: Option<Vec<Entry>>,
}

/// Where and why the text is not TOML.
pub(super) struct Malformed {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// The tables of `text`.
pub(super) fn parse(text: &str) -> Result<Vec<Table>, Malformed> {
    let document = ImDocument::parse(text).map_err(|error| Malformed {
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        // The parser's full message would quote the line, which may hold a secret.
        reason: error.message().trim().replace('\n', "; "),
    })?;
    let root = document.as_table();
    Ok(root
        .iter()
        .map(|(name, item)| {
            let entries = item.as_table_like().map(|table| entries(table, text));
            let line = line(root.key(name), entries.as_deref(), text);
            Table { name: name.to_owned(), line, entries }
        })
        .collect())
}

fn entries(table: &dyn TableLike, text: &str) -> Vec<Entry> {
    let entries = table.iter().map(|(field, item)| {
        let entries = item.as_table_like().map(|table| entries(table, text));
        let line = line(table.key(field), entries.as_deref(), text);
        Entry { field: field.to_owned(), line, value: json(item), entries }
    });
    entries.collect()
}

/// The line of a key. The name in `[a.b]` or `a.b = 1` belongs to a table without a line of its own.
fn line(key: Option<&Key>, entries: Option<&[Entry]>, text: &str) -> usize {
    let first = || entries?.iter().map(|entry| entry.line).min();
    line_of(key, text).or_else(first).unwrap_or(1)
}

fn line_of(key: Option<&Key>, text: &str) -> Option<usize> {
    key.and_then(Key::span).map(|span| line_at(text, span.start))
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn json(item: &Item) -> Option<Value> {
    match item {
        Item::Value(value) => json_value(value),
        Item::Table(table) => json_table(table),
        Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| json_table(table)).collect::<Option<_>>().map(Value::Array)
        }
        Item::None => None,
    }
}

fn json_value(value: &TomlValue) -> Option<Value> {
    match value {
        TomlValue::String(text) => Some(Value::String(text.value().clone())),
        TomlValue::Integer(number) => Some(Value::Number((*number.value()).into())),
        TomlValue::Float(number) => Number::from_f64(*number.value()).map(Value::Number),
        TomlValue::Boolean(truth) => Some(Value::Bool(*truth.value())),
        TomlValue::Datetime(time) => Some(Value::String(time.value().to_string())),
        TomlValue::Array(items) => items.iter().map(json_value).collect::<Option<_>>().map(Value::Array),
        TomlValue::InlineTable(table) => json_table(table),
    }
}

fn json_table(table: &dyn TableLike) -> Option<Value> {
    let entries = table.iter().map(|(name, item)| Some((name.to_owned(), json(item)?)));
    entries.collect::<Option<Map<_, _>>>().map(Value::Object)
}
