//! A field as a member of a JSON object (RFC 8259).

use std::fmt::Write;

use super::value::{Value, is_unsafe, write_str, write_text};

/// Writes `,"name":value`.
pub(super) fn member(line: &mut String, name: &str, value: Value<'_>) {
    line.push(',');
    string(line, name);
    line.push(':');
    match value {
        Value::Bool(bool) => line.push_str(if bool { "true" } else { "false" }),
        Value::Signed(number) => line.push_str(itoa::Buffer::new().format(number)),
        Value::Unsigned(number) => unsigned(line, number),
        Value::Float(number) if number.is_finite() => float(line, number),
        Value::Float(number) => text(line, &number),
        Value::Str(str) => string(line, str),
        Value::Text(shown) => text(line, shown),
    }
}

/// Writes a JSON string.
fn text(line: &mut String, text: &dyn std::fmt::Display) {
    line.push('"');
    write_text(line, text, escape);
    line.push('"');
}

/// The same for a text that is there already.
pub(super) fn string(line: &mut String, text: &str) {
    line.push('"');
    write_str(line, text, escape);
    line.push('"');
}

fn unsigned(line: &mut String, number: u64) {
    line.push_str(itoa::Buffer::new().format(number));
}

/// Writes a number; one of few digits, such as milliseconds to the microsecond, without the search for the
/// shortest text that floating point needs in general.
fn float(line: &mut String, number: f64) {
    let thousandths = (number * 1_000.0).round();
    if thousandths / 1_000.0 != number || !(0.0..1e12).contains(&thousandths) {
        let _ = write!(line, "{number}");
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    let thousandths = thousandths as u64;
    unsigned(line, thousandths / 1_000);
    let mut rest = thousandths % 1_000;
    if rest > 0 {
        line.push('.');
    }
    while rest > 0 {
        unsigned(line, rest / 100);
        rest = rest % 100 * 10;
    }
}

fn escape(line: &mut String, char: char) -> bool {
    match char {
        ' '..='~' if char != '"' && char != '\\' => return false,
        '"' => line.push_str("\\\""),
        '\\' => line.push_str("\\\\"),
        '\n' => line.push_str("\\n"),
        '\r' => line.push_str("\\r"),
        '\t' => line.push_str("\\t"),
        // Every unsafe character is in the basic plane, so one escape is enough.
        _ if is_unsafe(char) => {
            let _ = write!(line, "\\u{:04x}", u32::from(char));
        }
        _ => return false,
    }
    true
}
