//! Another name under which a setting is accepted.

use serde_json::{Map, Value};

use crate::coerce;

/// Another environment variable for a setting, from the field's `x-env-aliases` in the JSON Schema.
///
/// An entry is a name, or an object when the other name speaks another language than the setting:
/// `{"name": "LOG_JSON", "map": {"true": "json", "false": "console"}}` translates values (`null`: as if unset),
/// and `{"name": "DEBUG", "ignore_invalid": true}` is for names that other programs use too: a value that
/// cannot be meant for us is passed over with a note instead of stopping the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// The variable.
    pub name: String,
    /// What its values mean, when they differ from the setting's own.
    pub map: Option<Map<String, Value>>,
    /// Whether a value that does not fit is passed over.
    pub ignore_invalid: bool,
}

impl Alias {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        match entry {
            Value::String(name) => Some(Self { name: name.clone(), map: None, ignore_invalid: false }),
            Value::Object(entry) => Some(Self {
                name: entry.get("name")?.as_str()?.to_owned(),
                map: entry.get("map").and_then(Value::as_object).cloned(),
                ignore_invalid: entry.get("ignore_invalid").and_then(Value::as_bool).unwrap_or(false),
            }),
            _ => None,
        }
    }

    /// What `text` means for the setting; `None` when this name's values are the setting's own.
    ///
    /// # Errors
    /// The values that are understood.
    pub(crate) fn translate(&self, text: &str) -> Option<Result<&Value, String>> {
        let map = self.map.as_ref()?;
        let word = text.trim();
        let truth = coerce::truth(word).map(|truth| truth.to_string());
        let same = |key: &str| key.eq_ignore_ascii_case(word) || truth.as_deref() == Some(key);
        let found = map.iter().find(|(key, _)| same(key)).map(|(_, value)| value);
        Some(found.ok_or_else(|| {
            let known: Vec<_> = map.keys().map(|key| format!("`{key}`")).collect();
            format!("must be {}", known.join(" or "))
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_map_takes_every_spelling_of_a_truth_value() {
        let alias =
            Alias::read(&json!({"name": "LOG_JSON", "map": {"true": "json", "false": null}})).unwrap();
        assert_eq!(alias.translate("YES"), Some(Ok(&json!("json"))));
        assert_eq!(alias.translate("0"), Some(Ok(&Value::Null)));
        assert_eq!(alias.translate("maybe"), Some(Err("must be `true` or `false`".to_owned())));
    }

    #[test]
    fn a_plain_name_translates_nothing() {
        let alias = Alias::read(&json!("PORT")).unwrap();
        assert_eq!(alias.translate("8000"), None);
        assert_eq!(Alias::read(&json!(17)), None);
    }
}
