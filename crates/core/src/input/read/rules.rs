//! What `validator` found, in our codes and words. Of its parameters, bounds alone are told: one of them is the value.

use std::{borrow::Cow, collections::HashMap};

use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::pass::{Names, is_within};
use crate::{FieldError, Secret};

/// Adds the broken rules to the problems of reading. A rule that may be broken by a stand-in says nothing.
pub(super) fn add(problems: &mut Vec<FieldError>, errors: ValidationErrors, names: &Names, value: &Value) {
    let mut broken = Vec::new();
    Rules { names, value, read: problems, broken: &mut broken }.object("", errors);
    problems.append(&mut broken);
}

struct Rules<'a> {
    names: &'a Names,
    value: &'a Value,
    /// The problems of reading: stand-ins are where they point.
    read: &'a [FieldError],
    broken: &'a mut Vec<FieldError>,
}

impl Rules<'_> {
    fn object(&mut self, pointer: &str, ValidationErrors(errors): ValidationErrors) {
        let names = self.names.get(pointer).copied().unwrap_or_default();
        let mut errors: Vec<_> =
            errors.into_iter().map(|(field, kind)| (place(&field, names), kind)).collect();
        errors.sort_by_key(|((index, _), _)| *index);
        for ((_, name), kind) in errors {
            match name {
                Name::Whole => self.kind(pointer, pointer, kind),
                Name::Member(name) => self.kind(pointer, &format!("{pointer}{}", token(&name)), kind),
            }
        }
    }

    fn kind(&mut self, object: &str, pointer: &str, kind: ValidationErrorsKind) {
        if self.broken.len() >= FieldError::MOST {
            return;
        }
        match kind {
            ValidationErrorsKind::Struct(errors) => self.object(pointer, *errors),
            // The members of a map are numbered, in an order of the map's own.
            ValidationErrorsKind::List(items)
                if self.value.pointer(pointer).is_some_and(Value::is_object) =>
            {
                let error = FieldError::unplaced("invalid_value", "has a member that is not valid");
                if self.is_certain(object, pointer, &error.code) && !items.is_empty() {
                    self.broken.push(FieldError { field: pointer.to_owned(), ..error });
                }
            }
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    self.object(&format!("{pointer}/{index}"), *errors);
                }
            }
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    let mut members = if pointer == object { members(object, &error) } else { Vec::new() };
                    if members.is_empty() {
                        members.push(pointer.to_owned());
                    }
                    if members.iter().all(|pointer| self.is_certain(object, pointer, &error.code)) {
                        let field = members.swap_remove(0);
                        let (code, message) = told(error);
                        self.broken.push(FieldError { field, code, message });
                    }
                }
            }
        }
    }

    /// Whether no stand-in had a part in it.
    fn is_certain(&self, object: &str, pointer: &str, code: &str) -> bool {
        let stand_ins = || self.read.iter().filter(|problem| problem.code != "unknown_field");
        let above = || stand_ins().any(|problem| is_within(pointer, &problem.field));
        let below = |whole: &str| stand_ins().any(|problem| is_within(&problem.field, whole));
        match code {
            // A list with a wrong item is as long as it is.
            "length" => !above(),
            // The other member is not named.
            "must_match" => !above() && !below(object),
            _ => !above() && !below(pointer),
        }
    }
}

enum Name {
    /// The rule is one of the whole object.
    Whole,
    Member(String),
}

/// The place of a Rust field among the members, and its name there. validator knows fields by their names in Rust;
/// `rename_all` changes case and separators alone.
fn place(field: &str, names: &[&str]) -> (usize, Name) {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let same = |left: &str, right: &str| {
        let plain = |text: &str| -> String {
            text.chars()
                .filter(|character| character.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        plain(left) == plain(right)
    };
    let index = names.iter().position(|name| *name == field);
    let index = index.or_else(|| names.iter().position(|name| same(name, field)));
    match field {
        "__all__" | "_tmp_validator" => (usize::MAX, Name::Whole),
        _ => {
            let name = index.and_then(|index| names.get(index)).copied().unwrap_or(field);
            (index.unwrap_or(names.len()), Name::Member(name.to_owned()))
        }
    }
}

fn token(name: &str) -> String {
    FieldError::new(name, "", "").field
}

/// The parameter in which a rule of a whole object names the members that it looks at.
const MEMBERS: &str = "members";

/// A rule of several members that is broken: what a function of `#[validate(schema(function = …))]` returns. It is told of
/// the first of the members, and only if all of them could be read.
///
/// ```
/// # use palisade_core::input;
/// # use validator::{Validate, ValidationError};
/// #[derive(serde::Deserialize, Validate)]
/// #[validate(schema(function = "in_order", skip_on_field_errors = false))]
/// struct Span {
///     first: u32,
///     last: u32,
/// }
///
/// fn in_order(span: &Span) -> Result<(), ValidationError> {
///     if span.first <= span.last {
///         return Ok(());
///     }
///     Err(input::broken(&["last", "first"], "out_of_order", "must not be before first"))
/// }
///
/// let error = input::read::<Span>(&serde_json::json!({"first": 2, "last": 1})).err().unwrap();
/// assert_eq!(error.fields()[0].field, "/last");
/// ```
#[must_use]
pub fn broken(members: &[&str], code: &'static str, message: &'static str) -> ValidationError {
    let mut error = ValidationError::new(code).with_message(message.into());
    error.params.insert(MEMBERS.into(), members.into());
    error
}

/// The pointers to the members that a rule of a whole object names.
fn members(object: &str, error: &ValidationError) -> Vec<String> {
    let names = error.params.get(MEMBERS).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(|name| format!("{object}{}", token(name))).collect()
}

type Text = Cow<'static, str>;

fn told(error: ValidationError) -> (Text, Text) {
    let (code, message) = usual(&error.code, &error.params);
    let code = code.map(Cow::Borrowed).or_else(|| is_code(&error.code).then_some(error.code));
    (code.unwrap_or("invalid_value".into()), error.message.unwrap_or(message))
}

/// Codes have the form that the API document promises.
fn is_code(code: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    code.len() <= 64 && code.starts_with(|first: char| first.is_ascii_lowercase()) && code.bytes().all(safe)
}

/// Our code, where it is not validator's own, and the message where the author wrote none.
fn usual(code: &str, params: &HashMap<Cow<'static, str>, Value>) -> (Option<&'static str>, Text) {
    match code {
        "length" => length(params),
        "range" => (Some("out_of_range"), range(params)),
        "email" => (Some("invalid_email"), "must be an e-mail address".into()),
        "url" => (Some("invalid_url"), "must be a URL".into()),
        "ip" => (Some("invalid_ip"), "must be an IP address".into()),
        "credit_card" => (Some("invalid_card"), "must be the number of a credit card".into()),
        "regex" => (Some("invalid_format"), "does not have the documented form".into()),
        "contains" => (Some("missing_text"), "lacks a text that it must contain".into()),
        "does_not_contain" => (Some("forbidden_text"), "contains a text that it must not contain".into()),
        "non_control_character" => (Some("invalid_character"), "must not contain control characters".into()),
        "must_match" => (Some("unequal"), "is not the same as the first".into()),
        "required" => (Some("missing"), "is required".into()),
        _ => (None, "is not valid".into()),
    }
}

fn length(params: &HashMap<Cow<'static, str>, Value>) -> (Option<&'static str>, Text) {
    let bound = |name: &str| params.get(name).and_then(Value::as_u64);
    let (unit, too_small, too_large, size) = match params.get("value") {
        Some(Value::Array(items)) => ("items", "too_few", "too_many", Some(items.len())),
        Some(Value::Object(members)) => ("members", "too_few", "too_many", Some(members.len())),
        // It shows itself as nothing else, so its length is not known here.
        Some(Value::String(text)) if text == Secret::REDACTED => {
            ("characters", "too_short", "too_long", None)
        }
        Some(Value::String(text)) => ("characters", "too_short", "too_long", Some(text.chars().count())),
        _ => ("characters", "too_short", "too_long", None),
    };
    let is_under = |least: u64| size.is_none_or(|size| (size as u64) < least);
    match (bound("equal"), bound("min"), bound("max")) {
        (Some(size), ..) => (Some("invalid_length"), format!("must have exactly {size} {unit}").into()),
        (_, Some(least), Some(most)) if size.is_none() => {
            (Some("invalid_length"), format!("must have {least} to {most} {unit}").into())
        }
        (_, Some(least), _) if is_under(least) => {
            (Some(too_small), format!("must have at least {least} {unit}").into())
        }
        (_, _, Some(most)) => (Some(too_large), format!("must have at most {most} {unit}").into()),
        _ => (Some("invalid_length"), "does not have the documented length".into()),
    }
}

fn range(params: &HashMap<Cow<'static, str>, Value>) -> Text {
    let bound = |name: &str| params.get(name).filter(|bound| bound.is_number());
    let least = bound("min").map(|least| format!("at least {least}"));
    let least = least.or_else(|| bound("exclusive_min").map(|least| format!("more than {least}")));
    let most = bound("max").map(|most| format!("at most {most}"));
    let most = most.or_else(|| bound("exclusive_max").map(|most| format!("less than {most}")));
    match (least, most) {
        (Some(least), Some(most)) => format!("must be {least} and {most}").into(),
        (Some(bound), None) | (None, Some(bound)) => format!("must be {bound}").into(),
        (None, None) => "is out of its range".into(),
    }
}
