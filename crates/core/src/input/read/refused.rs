//! How a type says that it does not take a value. serde's own words quote the value and are dropped.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::FieldError;

#[derive(Debug)]
pub(super) enum Refused {
    /// By the type, which broke these rules, each placed relative to the value.
    Value(Vec<FieldError>),
    /// The struct lacks the member.
    Missing(&'static str),
    /// The member that was read last is there under another name, too.
    Repeated,
    /// The member that was read last is not known.
    Unknown,
    /// This member is not known.
    UnknownName(String),
    /// The enum has only these variants.
    Variant(&'static [&'static str]),
    /// The pass knows why and where.
    Noted,
}

impl Refused {
    /// The broken rules, relative to the value.
    pub(super) fn into_problems(self) -> Vec<FieldError> {
        match self {
            Self::Value(problems) => problems,
            Self::Missing(name) => vec![missing().at(name)],
            Self::Repeated => vec![repeated()],
            Self::Unknown => vec![unknown()],
            Self::UnknownName(name) => vec![unknown().at(&name)],
            Self::Variant(known) => vec![FieldError::unplaced("invalid_choice", choice(known))],
            Self::Noted => Vec::new(),
        }
    }
}

pub(super) fn missing() -> FieldError {
    FieldError::unplaced("missing", "is required")
}

pub(super) fn repeated() -> FieldError {
    FieldError::unplaced("duplicate", "is given more than once")
}

pub(super) fn unknown() -> FieldError {
    FieldError::unplaced("unknown_field", "is not known")
}

/// Which names are taken, as far as there is room for them in a message.
pub(super) fn choice(known: &[&str]) -> String {
    let names = known.join(", ");
    match known {
        [only] => format!("must be {only}"),
        _ if names.len() <= 500 => format!("must be one of {names}"),
        _ => "must be one of the documented values".to_owned(),
    }
}

fn not_valid() -> Refused {
    Refused::Value(vec![FieldError::unplaced("invalid_value", "is not valid")])
}

impl de::Error for Refused {
    /// A [`FieldError`] or an [`Error`](crate::Error) of fields says what is wrong; of anything else nothing is told.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = format!("{message:#}");
        let problems = FieldError::read_alternate(&text);
        // serde's words where `deny_unknown_fields` stands beside `flatten`.
        let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
        match unknown {
            _ if !problems.is_empty() => Self::Value(problems),
            Some((name, _)) => Self::UnknownName(name.to_owned()),
            None => not_valid(),
        }
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Value(vec![FieldError::unplaced("invalid_type", "has the wrong type")])
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        not_valid()
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::Value(vec![FieldError::unplaced("invalid_length", "has the wrong length")])
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::Variant(known)
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::Repeated
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is not taken")
    }
}

impl std::error::Error for Refused {}
