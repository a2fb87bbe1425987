//! Members of changes, for which being left out differs from being null.
//!
//! ```
//! # use palisade_core::input;
//! # use serde::Deserialize;
//! #[derive(Deserialize)]
//! struct BookChange {
//!     /// Left out: stays as it is. Null is refused.
//!     #[serde(default, deserialize_with = "input::settable")]
//!     title: Option<String>,
//!     /// Left out: stays as it is. Null takes it away.
//!     #[serde(default, deserialize_with = "input::nullable")]
//!     subtitle: Option<Option<String>>,
//! }
//!
//! let change: BookChange = serde_json::from_str(r#"{"subtitle": null}"#).unwrap();
//! assert_eq!((change.title, change.subtitle), (None, Some(None)));
//! assert!(serde_json::from_str::<BookChange>(r#"{"title": null}"#).is_err());
//! ```

use std::{fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::FieldError;

/// Reads a member of a change that can be set and not taken away: for `Option<T>` with `#[serde(default)]`.
///
/// # Errors
/// What `T` says; null is refused with the code `missing`.
pub fn settable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_option(Settable(PhantomData))
}

/// Reads a member of a change that null takes away: for `Option<Option<T>>` with `#[serde(default)]`.
///
/// # Errors
/// What `T` says.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

struct Settable<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Settable<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that is not null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Err(E::custom(FieldError::unplaced("missing", "must not be null")))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::deserialize(deserializer).map(Some)
    }
}
