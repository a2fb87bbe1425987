//! Reading one JSON value.

use serde_json::Value;

use super::{FromValue, Parse};
use crate::{FieldError, Secret};

/// The JSON type that holds a parsed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// Where members come from: a body has JSON types, a query string or form has only text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A JSON body.
    Body,
    /// The pairs of a query string or form.
    Pairs,
}

impl<T: Parse> FromValue for T {
    fn from_value(value: Value, source: Source) -> Result<Self, Vec<FieldError>> {
        let text = match (value, T::SHAPE) {
            (Value::String(text), shape) if source == Source::Pairs || shape == Shape::String => text,
            (Value::Number(number), Shape::Integer) if !number.is_f64() => number.to_string(),
            (Value::Bool(flag), Shape::Boolean) => flag.to_string(),
            _ => return Err(vec![wrong_type(T::SHAPE)]),
        };
        // PostgreSQL cannot store NUL in text; refusing it here gives one verdict on every database.
        if text.contains('\0') {
            return Err(vec![FieldError::unplaced(
                "invalid_character",
                "must not contain NUL or an unpaired surrogate",
            )]);
        }
        T::parse(&text).map_err(|error| vec![error])
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    /// Reads a JSON array; in a query string, items are separated by commas.
    fn from_value(value: Value, source: Source) -> Result<Self, Vec<FieldError>> {
        let items: Vec<Value> = match value {
            Value::Array(items) => items,
            Value::String(text) if source == Source::Pairs => {
                text.split(',').map(|item| Value::String(item.trim().to_owned())).collect()
            }
            _ => return Err(vec![FieldError::unplaced("invalid_type", "must be an array")]),
        };
        let mut parsed = Self::with_capacity(items.len());
        let mut errors = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match T::from_value(item, source) {
                Ok(item) => parsed.push(item),
                Err(_) if errors.len() >= FieldError::MOST => {}
                Err(found) => errors.extend(found.into_iter().map(|error| error.at(&index.to_string()))),
            }
        }
        if errors.is_empty() { Ok(parsed) } else { Err(errors) }
    }
}

impl Shape {
    /// What is said of another type.
    pub(super) fn wrong(self) -> &'static str {
        match self {
            Self::String => "must be a string",
            Self::Integer => "must be a whole number",
            Self::Boolean => "must be true or false",
        }
    }
}

fn wrong_type(expected: Shape) -> FieldError {
    FieldError::unplaced("invalid_type", expected.wrong())
}

impl Parse for String {
    fn parse(text: &str) -> Result<Self, FieldError> {
        Ok(text.to_owned())
    }
}

impl Parse for Secret {
    fn parse(text: &str) -> Result<Self, FieldError> {
        Ok(Self::new(text))
    }
}

impl Parse for u32 {
    const SHAPE: Shape = Shape::Integer;

    fn parse(text: &str) -> Result<Self, FieldError> {
        digits(text).and_then(|digits| digits.parse().ok()).ok_or_else(|| {
            FieldError::unplaced("invalid_number", "must be a whole number between 0 and 4294967295")
        })
    }
}

/// A number as it is written in an address or a form: digits alone. Rust takes a sign before them too, and in an address
/// a plus sign stands for a blank.
pub(crate) fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

impl Parse for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn parse(text: &str) -> Result<Self, FieldError> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(FieldError::unplaced("invalid_boolean", "must be true or false")),
        }
    }
}
