//! JSON, as deep as it goes.

use serde_json::{Map, Value};

use super::{HIDDEN, MAX_BYTES, Masker};

/// Deepest level whose values are kept.
const MAX_DEPTH: usize = 16;
const TOO_DEEP: &str = "[too deep]";

pub(super) fn mask(masker: &Masker, text: &str) -> String {
    if text.len() <= MAX_BYTES
        && let Ok(mut value) = serde_json::from_str(text)
    {
        mask_value(masker, &mut value, 0);
        return value.to_string();
    }
    masker.text(text).into_owned()
}

/// Masks a value that lies `depth` levels deep.
pub(super) fn mask_value(masker: &Masker, value: &mut Value, depth: usize) {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => *value = TOO_DEEP.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_value(masker, item, depth + 1)),
        Value::Object(members) => mask_members(masker, members, depth + 1),
        Value::String(text) => {
            let hidden = nested(masker, text, depth).or_else(|| match masker.text(text) {
                std::borrow::Cow::Owned(hidden) => Some(hidden),
                std::borrow::Cow::Borrowed(_) => None,
            });
            if let Some(hidden) = hidden {
                *text = hidden;
            }
        }
        Value::Number(number) if !number.is_f64() => {
            if let std::borrow::Cow::Owned(hidden) = masker.text(&number.to_string()) {
                *value = hidden.into();
            }
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn mask_members(masker: &Masker, members: &mut Map<String, Value>, depth: usize) {
    let names: Vec<String> =
        members.keys().filter(|name| masker.text(name) != name.as_str()).cloned().collect();
    for (name, value) in members.iter_mut() {
        let hides_nothing = matches!(value, Value::Null | Value::Bool(_)) || *value == "";
        if !hides_nothing && masker.is_sensitive(name) {
            *value = HIDDEN.into();
        } else if !is_number_as_named(masker, name, value) {
            mask_value(masker, value, depth);
        }
    }
    for name in names {
        if let Some(value) = members.remove(&name) {
            members.insert(masker.text(&name).into_owned(), value);
        }
    }
}

/// Whether the value is a number that hides nothing under its name: an `id` of ten digits is no telephone number.
fn is_number_as_named(masker: &Masker, name: &str, value: &Value) -> bool {
    let Value::Number(number) = value else { return false };
    let pair = format!("{name}={number}");
    masker.text(&pair) == pair
}

/// A text that holds an object or an array, `depth` levels deep, in its masked form.
pub(super) fn nested(masker: &Masker, text: &str, depth: usize) -> Option<String> {
    if !text.trim_start().starts_with(['{', '[']) || text.len() > MAX_BYTES {
        return None;
    }
    let before: Value = serde_json::from_str(text).ok()?;
    let mut value = before.clone();
    mask_value(masker, &mut value, depth + 1);
    (value != before).then(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn masks_at_every_level() {
        let mask = Masker::default();
        let text = r#"{"a":[{"newPassword":["x"]},{"mail":"ulla\u0040example.com"}],"pin":12,"card":4111111111111111,"n":1.5,"order_id":5551234567,"phone":5551234567,"otp":null,"ulla@example.com":1}"#;
        let shown: Value = serde_json::from_str(&mask.json(text)).unwrap();
        let wanted = json!({"a": [{"newPassword": "***"}, {"mail": "u***@example.com"}], "pin": "***",
            "card": "****-****-****-1111", "n": 1.5, "order_id": 5_551_234_567_u64, "phone": "***-***-4567", "otp": null, "u***@example.com": 1});
        assert_eq!(shown, wanted);
    }

    #[test]
    fn masks_json_within_strings() {
        let inner = json!({"secret": "x", "b": json!({"cvv": "123"}).to_string()}).to_string();
        let shown = Masker::default().json(&json!({"body": inner, "c": "{ no json"}).to_string());
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["c"], "{ no json");
        let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
        assert_eq!(body, json!({"secret": "***", "b": r#"{"cvv":"***"}"#}));
    }

    #[test]
    fn ends_at_a_depth() {
        let nest = |depth: usize| format!("{}\"x\"{}", "[".repeat(depth), "]".repeat(depth));
        let mask = Masker::default();
        assert_eq!(mask.json(&nest(16)), nest(16));
        assert_eq!(mask.json(&nest(17)), nest(16).replace("\"x\"", "\"[too deep]\""));
        assert!(mask.json(&nest(60)).contains(TOO_DEEP));
    }

    #[test]
    fn what_is_broken_or_cut_is_masked_as_text() {
        let mask = Masker::default();
        for (text, shown) in [
            (r#"{"a":1,"password":"hunt"#, r#"{"a":1,"password":"***"#),
            (r#"{"to":"u\u0040example.com","a"#, r#"{"to":"u***@example.com","a"#),
            (r#"{"\u0070assword":"hunt"#, r#"{"password":"***"#),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(mask.json(text), shown);
        }
        let long = format!(r#"{{"password":"{}"}}"#, "x".repeat(70_000));
        assert_eq!(mask.json(&long), r#"{"password":"***…"#);
    }
}
