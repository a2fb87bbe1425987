//! Another name under which a setting is accepted.

use serde_json::{Map, Number, Value};

use crate::coerce;

/// Another environment variable for a setting, from the field's `x-env-aliases` in the JSON Schema.
///
/// An entry is a name, or an object when the other name speaks another language than the setting:
///
/// - `{"name": "LOG_JSON", "map": {"true": "json", "false": "console"}}` translates values (`null`: as if unset).
/// - `{"name": "JWT_EXPIRY_MINUTES", "unit": "minutes"}` is for a setting in seconds, and converts.
/// - `{"name": "DEBUG", "ignore_invalid": true}` is for names that other programs use too: a value that cannot be meant
///   for us is passed over with a note instead of stopping the program. `"form"` says more than the setting's type does
///   of what such a value looks like, see [`Form`](crate::Form).
/// - `{"name": "APP_VERSION", "instead": "the program has its own"}` is for a name that has no meaning here: it is never
///   read, and a note says why, or what to set instead. Beside a `map`, the note is for all other values.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// The variable.
    pub name: String,
    /// What its values mean, when they differ from the setting's own.
    pub map: Option<Map<String, Value>>,
    /// The unit of its values, when the setting is in seconds and this name is not.
    pub unit: Option<Unit>,
    /// Whether a value that does not fit is passed over.
    pub ignore_invalid: bool,
    /// What a value must look like to count, beyond the setting's type.
    pub form: Option<crate::Form>,
    /// Why it is not read, or what to set instead.
    pub instead: Option<String>,
}

/// A unit of time that is converted to seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 60 seconds.
    Minutes,
    /// 3,600 seconds.
    Hours,
    /// 86,400 seconds.
    Days,
}

impl Unit {
    fn read(name: &str) -> Option<Self> {
        [Self::Minutes, Self::Hours, Self::Days].into_iter().find(|unit| unit.name() == name)
    }

    /// The unit in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    const fn seconds(self) -> i128 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 3_600,
            Self::Days => 86_400,
        }
    }

    /// The number of seconds that `text` stands for in this unit.
    fn convert(self, text: &str) -> Result<Value, String> {
        let number = text.trim().parse::<i128>().ok().and_then(|number| number.checked_mul(self.seconds()));
        let number = number.and_then(Number::from_i128).map(Value::Number);
        number.ok_or_else(|| format!("must be a whole number of {}", self.name()))
    }
}

impl Alias {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let text = |member: &str| entry.get(member).and_then(Value::as_str);
        Some(Self {
            name: entry.as_str().or_else(|| text("name"))?.to_owned(),
            map: entry.get("map").and_then(Value::as_object).cloned(),
            unit: text("unit").and_then(Unit::read),
            ignore_invalid: entry.get("ignore_invalid").and_then(Value::as_bool).unwrap_or(false),
            form: text("form").and_then(crate::Form::read),
            instead: text("instead").map(str::to_owned),
        })
    }

    /// A name that is never read; a note says `instead`.
    pub(super) const fn unread(name: String, instead: String) -> Self {
        Self { name, map: None, unit: None, ignore_invalid: false, form: None, instead: Some(instead) }
    }

    /// Whether no value of it is ever read.
    #[must_use]
    pub const fn is_never_read(&self) -> bool {
        self.instead.is_some() && self.map.is_none()
    }

    /// What `text` means for the setting; `None` when this name's values are the setting's own.
    ///
    /// # Errors
    /// The values that are understood.
    pub(crate) fn translate(&self, text: &str) -> Option<Result<Value, String>> {
        if let Some(unit) = self.unit {
            return Some(unit.convert(text));
        }
        let map = self.map.as_ref()?;
        let word = text.trim();
        let truth = coerce::truth(word).map(|truth| truth.to_string());
        let same = |key: &str| key.eq_ignore_ascii_case(word) || truth.as_deref() == Some(key);
        let found = map.iter().find(|(key, _)| same(key)).map(|(_, value)| value.clone());
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
        assert_eq!(alias.translate("YES"), Some(Ok(json!("json"))));
        assert_eq!(alias.translate("0"), Some(Ok(Value::Null)));
        assert_eq!(alias.translate("maybe"), Some(Err("must be `true` or `false`".to_owned())));
    }

    #[test]
    fn a_unit_is_converted_to_seconds() {
        let in_unit = |unit: &str, text: &str| {
            Alias::read(&json!({"name": "X", "unit": unit})).unwrap().translate(text)
        };
        assert_eq!(in_unit("minutes", " 30 "), Some(Ok(json!(1_800))));
        assert_eq!(in_unit("hours", "2"), Some(Ok(json!(7_200))));
        assert_eq!(in_unit("days", "7"), Some(Ok(json!(604_800))));
        let refused = Some(Err("must be a whole number of minutes".to_owned()));
        assert_eq!(in_unit("minutes", "half an hour"), refused);
        assert_eq!(in_unit("minutes", &i128::MAX.to_string()), refused);
    }

    #[test]
    fn a_plain_name_translates_nothing() {
        let alias = Alias::read(&json!("PORT")).unwrap();
        assert_eq!(alias.translate("8000"), None);
        assert_eq!(Alias::read(&json!(17)), None);
    }
}
