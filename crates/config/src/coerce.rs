//! From the text of a variable to a value of the setting's kind.

use serde_json::{Map, Number, Value};

use crate::{near, schema::ValueKind};

/// Why a value is not taken; it never holds the value.
pub(crate) type Reason = String;

/// Reads `text`, as it stands in a variable or on the command line, as a value of `kind`.
pub(crate) fn read(text: &str, kind: &ValueKind) -> Result<Value, Reason> {
    match kind {
        ValueKind::Text { .. } => check(Value::String(text.to_owned()), kind),
        ValueKind::Integer { .. } => {
            let number = text.trim().parse::<i128>().ok().and_then(Number::from_i128);
            number.ok_or_else(|| kind.rule()).and_then(|number| check(Value::Number(number), kind))
        }
        ValueKind::Number { .. } => {
            let number = text.trim().parse::<f64>().ok().and_then(Number::from_f64);
            number.ok_or_else(|| kind.rule()).and_then(|number| check(Value::Number(number), kind))
        }
        ValueKind::Boolean => truth(text.trim()).map(Value::Bool).ok_or_else(|| kind.rule()),
        ValueKind::Choice(words) => choose(text.trim(), words),
        ValueKind::List(item) => read_list(text.trim(), item, kind),
        ValueKind::Map(value) => read_map(text.trim(), value, kind),
        ValueKind::OneOf(kinds) => first(kinds, |kind| read(text, kind), kind),
        ValueKind::Any => Ok(read_any(text)),
    }
}

/// Takes a value that has a type already, from a file or from JSON, when it is one of `kind`.
pub(crate) fn check(value: Value, kind: &ValueKind) -> Result<Value, Reason> {
    let fits = match (kind, &value) {
        (ValueKind::Text { shortest, longest }, Value::String(text)) => {
            (*shortest..=*longest).contains(&text.chars().count())
        }
        (ValueKind::Integer { lowest, highest }, Value::Number(number)) => {
            number.as_i128().is_some_and(|number| (*lowest..=*highest).contains(&number))
        }
        (ValueKind::Number { lowest, highest }, Value::Number(number)) => {
            number.as_f64().is_some_and(|number| (*lowest..=*highest).contains(&number))
        }
        (ValueKind::Boolean, Value::Bool(_)) | (ValueKind::Any, _) => true,
        (ValueKind::Choice(words), Value::String(text)) => return choose(text, words),
        (ValueKind::List(item), Value::Array(_)) => return check_list(value, item),
        (ValueKind::Map(inner), Value::Object(_)) => return check_map(value, inner),
        (ValueKind::OneOf(kinds), _) => return first(kinds, |kind| check(value.clone(), kind), kind),
        _ => false,
    };
    if fits { Ok(value) } else { Err(kind.rule()) }
}

/// `true/false/1/0/yes/no/on/off` in any case.
pub(crate) fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn choose(text: &str, words: &[String]) -> Result<Value, Reason> {
    let exact = words.iter().find(|word| *word == text);
    match exact.or_else(|| words.iter().find(|word| word.eq_ignore_ascii_case(text))) {
        Some(word) => Ok(Value::String(word.clone())),
        None => {
            let rule = ValueKind::Choice(words.to_vec()).rule();
            let meant = near::closest(text, words.iter().map(String::as_str));
            Err(meant.map_or_else(|| rule.clone(), |word| format!("{rule}; did you mean `{word}`?")))
        }
    }
}

/// A JSON array, or items between commas; blanks around an item and empty items do not count.
fn read_list(text: &str, item: &ValueKind, kind: &ValueKind) -> Result<Value, Reason> {
    if text.starts_with('[') {
        let not_json = || format!("{}, as a JSON array or with commas between", kind.rule());
        return check_list(serde_json::from_str(text).map_err(|_| not_json())?, item);
    }
    let items = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    let items = items.enumerate().map(|(index, text)| read(text, item).map_err(|reason| at(index, &reason)));
    items.collect::<Result<_, _>>().map(Value::Array)
}

fn check_list(value: Value, item: &ValueKind) -> Result<Value, Reason> {
    let Value::Array(items) = value else { return Err(item.rule()) };
    let items = items.into_iter().enumerate();
    let items = items.map(|(index, value)| check(value, item).map_err(|reason| at(index, &reason)));
    items.collect::<Result<_, _>>().map(Value::Array)
}

fn at(index: usize, reason: &str) -> Reason {
    format!("item {} {reason}", index + 1)
}

/// A JSON object, or `name=value` pairs between commas.
fn read_map(text: &str, inner: &ValueKind, kind: &ValueKind) -> Result<Value, Reason> {
    let not_a_map = || format!("{}, as a JSON object or as name=value with commas between", kind.rule());
    if text.starts_with('{') {
        return check_map(serde_json::from_str(text).map_err(|_| not_a_map())?, inner);
    }
    let mut map = Map::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(not_a_map)?;
        map.insert(name.trim().to_owned(), read(value.trim(), inner)?);
    }
    Ok(Value::Object(map))
}

fn check_map(value: Value, inner: &ValueKind) -> Result<Value, Reason> {
    let Value::Object(map) = value else { return Err(inner.rule()) };
    let entries = map.into_iter().map(|(name, value)| match check(value, inner) {
        Ok(value) => Ok((name, value)),
        Err(reason) => Err(format!("`{name}` {reason}")),
    });
    entries.collect::<Result<_, _>>().map(Value::Object)
}

fn first(
    kinds: &[ValueKind],
    read: impl FnMut(&ValueKind) -> Result<Value, Reason>,
    kind: &ValueKind,
) -> Result<Value, Reason> {
    kinds.iter().map(read).find_map(Result::ok).ok_or_else(|| kind.rule())
}

/// JSON when it looks like an object or an array and is one, else text.
fn read_any(text: &str) -> Value {
    let structured = text.trim_start().starts_with(['{', '[']);
    let parsed = structured.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}
