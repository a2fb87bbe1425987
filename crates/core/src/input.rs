//! Outside input: parsed at the border, every problem at once.
//!
//! A request body is taken member by member; each member parses itself, and [`Fields::finish`] reports all
//! broken rules together, including members nobody asked for. The macro [`input!`](crate::input!) writes the
//! code for a struct.
//!
//! ```
//! use palisade_core::{Fields, FieldError, FromFields, Parse, input};
//!
//! #[derive(Debug)]
//! pub struct Title(String);
//!
//! impl Parse for Title {
//!     fn parse(text: &str) -> Result<Self, FieldError> {
//!         match text.trim() {
//!             "" => Err(FieldError::unplaced("too_short", "must not be empty")),
//!             title => Ok(Self(title.to_owned())),
//!         }
//!     }
//! }
//!
//! input! {
//!     /// The body of `POST /books`.
//!     #[derive(Debug)]
//!     pub struct NewBook {
//!         /// As printed on the cover.
//!         required title: Title,
//!         /// Left out: unknown.
//!         optional pages: u32,
//!     }
//! }
//!
//! let body = serde_json::json!({"title": "", "pages": "many", "colour": "red"});
//! let error = Fields::read::<NewBook>(body).unwrap_err();
//! let fields: Vec<_> = error.fields().iter().map(|f| f.field.as_str()).collect();
//! assert_eq!(fields, ["/title", "/pages", "/colour"]);
//! ```

mod change;
mod parsed;
#[cfg(feature = "validator")]
mod read;
mod value;

use serde_json::Map;
#[doc(hidden)]
pub use serde_json::Value;

use crate::{Error, FieldError};
pub use change::{nullable, settable};
pub use parsed::deserialize;
#[cfg(feature = "validator")]
pub use read::{read, read_pairs};
pub(crate) use value::digits;
pub use value::{Shape, Source};

/// A value that reads itself from outside text. Inside the program it is then known to be right.
pub trait Parse: Sized {
    /// Which JSON type holds such a value in a request body.
    const SHAPE: Shape = Shape::String;

    /// Reads the text.
    ///
    /// # Errors
    /// The rule that the text breaks; never with the text itself.
    fn parse(text: &str) -> Result<Self, FieldError>;
}

/// A value that reads itself from a JSON value. Everything that is [`Parse`] is, and lists of it.
pub trait FromValue: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The rules that the value breaks, each placed relative to the value.
    fn from_value(value: Value, source: Source) -> Result<Self, Vec<FieldError>>;
}

/// A value that reads itself from the members of a JSON object.
pub trait FromFields: Sized {
    /// Takes each member it knows; `None` when one of them was reported as wrong.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// What a handler can take as a body, a query or a form: each type with `Deserialize` and `Validate`, and those of
/// [`input!`](crate::input!).
pub trait Input: Sized {
    /// Reads a request body.
    ///
    /// # Errors
    /// 422 with every problem.
    fn from_body(body: Value) -> Result<Self, Error>;

    /// Reads the pairs of a query string or a form.
    ///
    /// # Errors
    /// 422 with every problem.
    fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, Error>;
}

#[cfg(feature = "validator")]
impl<T: serde::de::DeserializeOwned + validator::Validate> Input for T {
    fn from_body(body: Value) -> Result<Self, Error> {
        read(&body)
    }

    fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, Error> {
        read_pairs(pairs)
    }
}

/// The members of a JSON object or of a query string, and the problems found among them so far.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    source: Source,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads a `T` from a request body.
    ///
    /// # Errors
    /// 422 with every member that is missing, wrong or unknown.
    pub fn read<T: FromFields>(body: Value) -> Result<T, Error> {
        match body {
            Value::Object(members) => Self { members, source: Source::Body, errors: Vec::new() }.take(),
            _ => Err(FieldError::unplaced("invalid_type", "must be an object").into()),
        }
    }

    /// Reads a `T` from the pairs of a query string or a form.
    ///
    /// # Errors
    /// 422 with every member that is missing, wrong, unknown or given twice.
    pub fn read_pairs<T: FromFields>(pairs: impl IntoIterator<Item = (String, String)>) -> Result<T, Error> {
        let mut fields = Self { members: Map::new(), source: Source::Pairs, errors: Vec::new() };
        for (name, text) in pairs {
            if fields.members.contains_key(&name) {
                fields.report(FieldError::new(&name, "duplicate", "is given more than once"));
            } else {
                fields.members.insert(name, Value::String(text));
            }
        }
        fields.take()
    }

    fn take<T: FromFields>(mut self) -> Result<T, Error> {
        let parsed = T::from_fields(&mut self);
        self.finish(parsed)
    }

    /// The member `name`; reports it when it is missing, null or wrong.
    pub fn required<T: FromValue>(&mut self, name: &str) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => {
                self.report(FieldError::new(name, "missing", "is required"));
                None
            }
            Some(value) => self.parsed(name, value),
        }
    }

    /// The member `name`, `Some(None)` when it is left out or null; reports it when it is wrong.
    pub fn optional<T: FromValue>(&mut self, name: &str) -> Option<Option<T>> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => self.parsed(name, value).map(Some),
        }
    }

    /// The member `name` of a change that cannot be taken away: `Some(None)` when it is left out; reports it
    /// when it is null or wrong.
    pub fn settable<T: FromValue>(&mut self, name: &str) -> Option<Option<T>> {
        match self.members.remove(name) {
            None => Some(None),
            Some(Value::Null) => {
                self.report(FieldError::new(name, "missing", "must not be null"));
                None
            }
            Some(value) => self.parsed(name, value).map(Some),
        }
    }

    /// The member `name` of a change: left out, set to null, or set to a value; reports it when it is wrong.
    pub fn nullable<T: FromValue>(&mut self, name: &str) -> Option<Option<Option<T>>> {
        match self.members.remove(name) {
            None => Some(None),
            Some(Value::Null) => Some(Some(None)),
            Some(value) => self.parsed(name, value).map(|value| Some(Some(value))),
        }
    }

    /// Reports a problem that only the fields together show. Beyond [`FieldError::MOST`], one more says nothing new.
    pub fn report(&mut self, error: FieldError) {
        if self.errors.len() < FieldError::MOST {
            self.errors.push(error);
        }
    }

    fn parsed<T: FromValue>(&mut self, name: &str, value: Value) -> Option<T> {
        match T::from_value(value, self.source) {
            Ok(parsed) => Some(parsed),
            Err(errors) => {
                errors.into_iter().for_each(|error| self.report(error.at(name)));
                None
            }
        }
    }

    fn finish<T>(mut self, parsed: Option<T>) -> Result<T, Error> {
        let unknown = self.members.keys().map(|name| FieldError::new(name, "unknown_field", "is not known"));
        self.errors.extend(unknown.take(FieldError::MOST.saturating_sub(self.errors.len())));
        match parsed {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Error::validation(self.errors)),
        }
    }
}

/// Writes a struct whose members are read from a JSON object, with every problem reported at once.
///
/// A member is `required` (a value must be there), `optional` (`Option<T>`: left out and null both read as
/// `None`), `settable` (`Option<T>`, for changes: left out reads as `None`, null is refused) or `nullable`
/// (`Option<Option<T>>`, for changes: left out differs from null).
#[macro_export]
macro_rules! input {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $how:ident $field:ident : $type:ty),* $(,)?
    }) => {
        $crate::input!(@struct [$(#[$meta])* $vis $name] [] $([$(#[$field_meta])* $how $field $type])*);

        impl $crate::FromFields for $name {
            fn from_fields(fields: &mut $crate::Fields) -> Option<Self> {
                $(let $field = fields.$how::<$type>(stringify!($field));)*
                Some(Self { $($field: $field?),* })
            }
        }

        impl $crate::input::Input for $name {
            fn from_body(body: $crate::input::Value) -> std::result::Result<Self, $crate::Error> {
                $crate::Fields::read(body)
            }

            fn from_pairs(pairs: Vec<(String, String)>) -> std::result::Result<Self, $crate::Error> {
                $crate::Fields::read_pairs(pairs)
            }
        }
    };
    (@struct [$(#[$meta:meta])* $vis:vis $name:ident] [$($done:tt)*]) => {
        $(#[$meta])* $vis struct $name { $($done)* }
    };
    (@struct $head:tt [$($done:tt)*] [$(#[$m:meta])* required $field:ident $type:ty] $($rest:tt)*) => {
        $crate::input!(@struct $head [$($done)* $(#[$m])* pub $field: $type,] $($rest)*);
    };
    (@struct $head:tt [$($done:tt)*] [$(#[$m:meta])* optional $field:ident $type:ty] $($rest:tt)*) => {
        $crate::input!(@struct $head [$($done)* $(#[$m])* pub $field: Option<$type>,] $($rest)*);
    };
    (@struct $head:tt [$($done:tt)*] [$(#[$m:meta])* settable $field:ident $type:ty] $($rest:tt)*) => {
        $crate::input!(@struct $head [$($done)* $(#[$m])* pub $field: Option<$type>,] $($rest)*);
    };
    (@struct $head:tt [$($done:tt)*] [$(#[$m:meta])* nullable $field:ident $type:ty] $($rest:tt)*) => {
        $crate::input!(@struct $head [$($done)* $(#[$m])* pub $field: Option<Option<$type>>,] $($rest)*);
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Secret;

    crate::input! {
        #[derive(Debug)]
        struct Sample {
            required name: String,
            optional count: u32,
            nullable note: String,
            settable title: String,
            optional tags: Vec<String>,
        }
    }

    fn problems(body: Value) -> Vec<(String, String)> {
        let error = Fields::read::<Sample>(body).unwrap_err();
        error.fields().iter().map(|f| (f.field.clone(), f.code.to_string())).collect()
    }

    fn problem(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn reports_every_problem_at_once() {
        let found = problems(json!({"count": "3", "note": 4, "tags": ["a", 5], "extra": null}));
        let wanted = [
            problem("/name", "missing"),
            problem("/count", "invalid_type"),
            problem("/note", "invalid_type"),
            problem("/tags/1", "invalid_type"),
            problem("/extra", "unknown_field"),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn problems_beyond_the_most_are_not_kept() {
        let unknown: Map<String, Value> = (0..5_000).map(|index| (format!("x{index}"), json!(1))).collect();
        for body in [Value::Object(unknown), json!({"name": "a", "tags": vec![1; 5_000]})] {
            assert_eq!(problems(body).len(), FieldError::MOST);
        }
        let pairs = (0..5_000).map(|_| ("name".to_owned(), String::new()));
        assert_eq!(Fields::read_pairs::<Sample>(pairs).unwrap_err().fields().len(), FieldError::MOST);
    }

    #[test]
    fn a_change_tells_null_from_left_out() {
        let sample: Sample = Fields::read(json!({"name": "a", "note": null})).unwrap();
        assert_eq!((sample.note, sample.count, sample.tags), (Some(None), None, None));
        let sample: Sample = Fields::read(json!({"name": "a"})).unwrap();
        assert_eq!(sample.note, None);
        assert_eq!(sample.name, "a");
    }

    #[test]
    fn what_is_settable_is_left_out_or_set_and_never_null() {
        let sample: Sample = Fields::read(json!({"name": "a"})).unwrap();
        assert_eq!(sample.title, None);
        let sample: Sample = Fields::read(json!({"name": "a", "title": "b"})).unwrap();
        assert_eq!(sample.title.as_deref(), Some("b"));
        assert_eq!(problems(json!({"name": "a", "title": null})), [problem("/title", "missing")]);
    }

    #[test]
    fn pairs_carry_numbers_as_text_and_no_member_twice() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let sample: Sample = Fields::read_pairs([pair("name", "a"), pair("count", "3")]).unwrap();
        assert_eq!(sample.count, Some(3));
        let error = Fields::read_pairs::<Sample>([pair("name", "a"), pair("name", "b")]).unwrap_err();
        assert_eq!(error.fields()[0].code, "duplicate");
    }

    #[test]
    fn no_text_may_hold_nul() {
        assert_eq!(problems(json!({"name": "a\0b"})), [problem("/name", "invalid_character")]);
        assert!(Secret::from_value(json!("\0"), Source::Body).is_err());
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for body in [json!(null), json!([]), json!("text"), json!(1)] {
            assert_eq!(problems(body), [problem("", "invalid_type")]);
        }
    }
}
