//! `Deserialize` for types that parse themselves.

use std::{fmt, marker::PhantomData};

use serde::de::{self, Deserializer, Unexpected, Visitor};

use super::{Parse, Shape};

/// Writes `Deserialize` for a type that is [`Parse`]. The sample is a text that the type takes: it stands in for a wrong
/// one while the rest of a request is checked, and is shown in the errors of other formats.
///
/// ```
/// # use palisade_core::{FieldError, Parse};
/// pub struct Isbn(String);
///
/// impl Parse for Isbn {
///     fn parse(text: &str) -> Result<Self, FieldError> {
///         let is_isbn = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
///         is_isbn.then(|| Self(text.to_owned())).ok_or(FieldError::unplaced("invalid_isbn", "must be an ISBN"))
///     }
/// }
///
/// palisade_core::parsed! { Isbn, "9780141439518" }
///
/// let error = serde_json::from_str::<Isbn>("\"1\"").err().unwrap();
/// assert!(error.to_string().starts_with("must be an ISBN"));
/// ```
#[macro_export]
macro_rules! parsed {
    ($type:ty, $sample:literal $(,)?) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                $crate::input::deserialize(deserializer, $sample)
            }
        }
    };
}

/// Reads a value of a type that parses itself: what [`parsed!`](crate::parsed!) calls.
///
/// # Errors
/// What [`Parse::parse`] says, with its code where a request is read.
pub fn deserialize<'de, T: Parse, D: Deserializer<'de>>(
    deserializer: D,
    sample: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(name(T::SHAPE), Parser { sample, parsed: PhantomData })
}

const STRING: &str = "$palisade::input::String";
const INTEGER: &str = "$palisade::input::Integer";
const BOOLEAN: &str = "$palisade::input::Boolean";

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::String => STRING,
        Shape::Integer => INTEGER,
        Shape::Boolean => BOOLEAN,
    }
}

struct Parser<T> {
    sample: &'static str,
    parsed: PhantomData<T>,
}

impl<'de, T: Parse> Visitor<'de> for Parser<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value such as {}", self.sample)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        match T::SHAPE {
            Shape::String => deserializer.deserialize_str(self),
            Shape::Integer => deserializer.deserialize_i64(self),
            Shape::Boolean => deserializer.deserialize_bool(self),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        match T::SHAPE {
            Shape::Integer => self.visit_str(&number.to_string()),
            _ => Err(E::invalid_type(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        match T::SHAPE {
            Shape::Integer => self.visit_str(&number.to_string()),
            _ => Err(E::invalid_type(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<T, E> {
        match T::SHAPE {
            Shape::Boolean => self.visit_str(&flag.to_string()),
            _ => Err(E::invalid_type(Unexpected::Bool(flag), &self)),
        }
    }
}

#[cfg(feature = "validator")]
mod for_requests {
    use super::{BOOLEAN, INTEGER, STRING, Shape};
    use crate::FieldError;

    /// What a type that parses itself reads, if the name is that of one.
    pub(crate) fn shape(name: &str) -> Option<Shape> {
        match name {
            STRING => Some(Shape::String),
            INTEGER => Some(Shape::Integer),
            BOOLEAN => Some(Shape::Boolean),
            _ => None,
        }
    }

    /// The sample of a type, from what it expects.
    pub(crate) fn sample(expected: &str) -> &str {
        expected.split_once(" such as ").map_or("", |(_, sample)| sample)
    }

    /// PostgreSQL cannot store NUL in text; refusing it here gives one verdict on every database.
    pub(crate) fn nul() -> FieldError {
        FieldError::unplaced("invalid_character", "must not contain NUL or an unpaired surrogate")
    }
}

#[cfg(feature = "validator")]
pub(super) use for_requests::{nul, sample, shape};
