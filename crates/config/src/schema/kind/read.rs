//! Reading a [`ValueKind`] from a JSON Schema as schemars writes it.

use serde_json::Value;

use super::ValueKind;
use crate::schema::{follow, properties};

/// References deeper than this are taken as values of any shape: a type that holds itself has no end.
const MAX_DEPTH: usize = 12;

/// What a node of a JSON Schema says.
pub(in crate::schema) struct Shape {
    pub(in crate::schema) kind: ValueKind,
    pub(in crate::schema) secret: bool,
}

impl Shape {
    pub(in crate::schema) fn read(node: &Value, root: &Value) -> Self {
        Self { kind: kind(node, root, 0).unwrap_or(ValueKind::Any), secret: is_secret(node, root, 0) }
    }
}

/// The kind of a node, or `None` when it stands for null alone.
fn kind(node: &Value, root: &Value, depth: usize) -> Option<ValueKind> {
    if depth > MAX_DEPTH {
        return Some(ValueKind::Any);
    }
    if let Some(word) = node.get("const").and_then(Value::as_str) {
        return Some(ValueKind::Choice(vec![word.to_owned()]));
    }
    if let Some(words) = node.get("enum").and_then(Value::as_array) {
        return words
            .iter()
            .filter(|word| !word.is_null())
            .map(word_of)
            .collect::<Option<_>>()
            .map_or(Some(ValueKind::Any), |words| Some(ValueKind::Choice(words)));
    }
    if node.get("$ref").is_some() {
        let target = follow(node, root);
        return if std::ptr::eq(target, node) { Some(ValueKind::Any) } else { kind(target, root, depth + 1) };
    }
    for member in ["anyOf", "oneOf", "allOf"] {
        if let Some(nodes) = node.get(member).and_then(Value::as_array) {
            return unite(nodes.iter().filter_map(|node| kind(node, root, depth + 1)));
        }
    }
    match node.get("type") {
        Some(Value::String(name)) => typed(name, node, root, depth),
        Some(Value::Array(names)) => {
            unite(names.iter().filter_map(Value::as_str).filter_map(|name| typed(name, node, root, depth)))
        }
        _ => Some(ValueKind::Any),
    }
}

fn word_of(word: &Value) -> Option<String> {
    word.as_str().map(str::to_owned)
}

/// One kind for several that are allowed side by side: words become one choice, and text goes last because
/// every value can be read as text.
fn unite(kinds: impl Iterator<Item = ValueKind>) -> Option<ValueKind> {
    let mut words = Vec::new();
    let mut others = Vec::new();
    for kind in kinds {
        match kind {
            ValueKind::Choice(more) => words.extend(more),
            other => others.push(other),
        }
    }
    if !words.is_empty() {
        others.insert(0, ValueKind::Choice(words));
    }
    others.sort_by_key(|kind| matches!(kind, ValueKind::Text { .. } | ValueKind::Any));
    if others.len() > 1 { Some(ValueKind::OneOf(others)) } else { others.pop() }
}

fn typed(name: &str, node: &Value, root: &Value, depth: usize) -> Option<ValueKind> {
    let below = |member: &str| {
        let inner = node.get(member).filter(|inner| inner.is_object());
        Box::new(inner.and_then(|inner| kind(inner, root, depth + 1)).unwrap_or(ValueKind::Any))
    };
    Some(match name {
        "null" => return None,
        "string" => text(node),
        "integer" => integer(node),
        "number" => number(node),
        "boolean" => ValueKind::Boolean,
        "array" => ValueKind::List(below("items")),
        "object" if node.get("properties").is_none() => ValueKind::Map(below("additionalProperties")),
        _ => ValueKind::Any,
    })
}

fn text(node: &Value) -> ValueKind {
    let length = |member| node.get(member).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    ValueKind::Text {
        shortest: length("minLength").unwrap_or(0),
        longest: length("maxLength").unwrap_or(usize::MAX),
    }
}

/// schemars states the limits of small integers as `minimum` and `maximum`, of large ones by `format` alone.
fn integer(node: &Value) -> ValueKind {
    let (lowest, highest) = match node.get("format").and_then(Value::as_str) {
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64" | "uint") => (0, u64::MAX.into()),
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    let limit = |member: &str| node.get(member).and_then(whole);
    let lowest = limit("minimum").or_else(|| limit("exclusiveMinimum").map(|n| n + 1)).unwrap_or(lowest);
    let highest = limit("maximum").or_else(|| limit("exclusiveMaximum").map(|n| n - 1)).unwrap_or(highest);
    ValueKind::Integer { lowest, highest }
}

fn whole(limit: &Value) -> Option<i128> {
    limit.as_i64().map(i128::from).or_else(|| limit.as_u64().map(i128::from)).or_else(|| {
        #[expect(clippy::cast_possible_truncation, reason = "a limit beyond i128 saturates")]
        limit.as_f64().map(|limit| limit as i128)
    })
}

fn number(node: &Value) -> ValueKind {
    let limit = |member: &str| node.get(member).and_then(Value::as_f64);
    ValueKind::Number {
        lowest: limit("minimum").unwrap_or(f64::NEG_INFINITY),
        highest: limit("maximum").unwrap_or(f64::INFINITY),
    }
}

/// `writeOnly` at the node, at what it refers to, at an alternative, or at anything within.
fn is_secret(node: &Value, root: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH || node.get("writeOnly").and_then(Value::as_bool) == Some(true) {
        return depth <= MAX_DEPTH;
    }
    let target = follow(node, root);
    let within =
        ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|member| node.get(member)?.as_array()).flatten();
    let inside = ["items", "additionalProperties"].into_iter().filter_map(|member| node.get(member));
    let fields = properties(node).map(|(_, node)| node);
    (!std::ptr::eq(target, node) && is_secret(target, root, depth + 1))
        || within.chain(inside).chain(fields).any(|node| is_secret(node, root, depth + 1))
}
