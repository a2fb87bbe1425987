//! All settings in force, as a file could hold them.

use std::collections::BTreeMap;

use serde_json::Value;
use toml_edit::{Array, InlineTable, Value as TomlValue};

use crate::{
    schema::{Schema, Section, Setting},
    shown::Shown,
};

/// Origins stand under each other unless a value is longer than this.
const MAX_COLUMN: usize = 48;

/// A TOML text with one table per section and the origin of each value in a comment. A setting without a value
/// is a comment alone. Values are redacted, so it reads like the file but does not replace it.
pub(crate) fn toml(schema: &Schema, shown: &BTreeMap<String, Shown>) -> String {
    let sections = schema.sections().iter().filter_map(|section| table(section, shown));
    sections.collect::<Vec<_>>().join("\n")
}

/// One table of it; `None` for a section that has items alone.
pub(crate) fn table(section: &Section, shown: &BTreeMap<String, Shown>) -> Option<String> {
    let lines: Vec<_> = section
        .settings
        .iter()
        .filter_map(|setting| {
            shown.get(&setting.key).map(|shown| (entry(setting, &shown.value), shown.origin()))
        })
        .collect();
    let widths = lines.iter().map(|(entry, _)| entry.chars().count());
    let column = widths.filter(|width| *width <= MAX_COLUMN).max().unwrap_or(0);
    let lines = lines.iter().map(|(entry, origin)| format!("{entry:<column$}  # {origin}\n"));
    (!section.settings.is_empty()).then(|| format!("[{}]\n{}", section.name, lines.collect::<String>()))
}

fn entry(setting: &Setting, value: &Value) -> String {
    let unset = || match &setting.default_by_environment {
        Some(words) => format!("# {}: {words}", setting.field),
        None => format!("# {} is unset", setting.field),
    };
    inline(value).map_or_else(unset, |value| format!("{} = {value}", setting.field))
}

/// The value in TOML, on one line; `None` for null, which TOML does not have.
fn inline(value: &Value) -> Option<TomlValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => one_line(text),
        Value::Array(items) => items.iter().filter_map(inline).collect::<Array>().into(),
        Value::Object(map) => {
            let entries = map.iter().filter_map(|(name, value)| Some((name.as_str(), inline(value)?)));
            entries.collect::<InlineTable>().into()
        }
    })
}

/// A basic string on one line; toml_edit would write one with line ends as a block of lines.
fn one_line(text: &str) -> TomlValue {
    let plain = TomlValue::from(text);
    if !text.contains(char::is_control) {
        return plain;
    }
    // JSON escapes are TOML escapes; DEL is the one control character that JSON leaves alone.
    let escaped = Value::from(text).to_string().replace('\u{7f}', "\\u007f");
    escaped.parse().unwrap_or(plain)
}
