//! A field as readable text.

use std::fmt::Write;

use super::value::{Value, is_unsafe, write_str, write_text};

/// Writes ` name=value`; a text that is not one plain word is quoted.
pub(super) fn field(line: &mut String, name: &str, value: Value<'_>) {
    let _ = write!(line, " {name}=");
    match value {
        Value::Bool(bool) => display(line, bool),
        Value::Signed(number) => display(line, number),
        Value::Unsigned(number) => display(line, number),
        Value::Float(number) => display(line, number),
        Value::Str(str) => quoted(line, &str),
        Value::Text(shown) => quoted(line, shown),
    }
}

fn quoted(line: &mut String, shown: &dyn std::fmt::Display) {
    let start = line.len();
    write_text(line, shown, escape);
    let written = line.get(start..).unwrap_or_default();
    if written.is_empty() || written.contains([' ', '=', '"', '\\']) {
        line.insert(start, '"');
        line.push('"');
    }
}

/// Writes a text as it stands, but with what could drive a terminal escaped.
pub(super) fn text(line: &mut String, text: &str) {
    write_str(line, text, |line, char| char != '"' && escape(line, char));
}

fn display(line: &mut String, value: impl std::fmt::Display) {
    let _ = write!(line, "{value}");
}

fn escape(line: &mut String, char: char) -> bool {
    match char {
        ' '..='~' if char != '"' => return false,
        '"' => line.push_str("\\\""),
        _ if is_unsafe(char) => line.extend(char.escape_default()),
        _ => return false,
    }
    true
}
