//! Outside input: parsed at the border, every problem at once.
//!
//! A request body, a query or a form is a type with `Deserialize` and `Validate`. [`read()`] and [`read_pairs`] report all
//! its problems together: members that are missing, wrong or unknown, and broken rules. A type that several requests have
//! parses itself ([`Parse`]).
//!
//! ```
//! # #[cfg(feature = "validator")] {
//! use palisade_core::{FieldError, Parse, input};
//! use serde::Deserialize;
//! use validator::Validate;
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
//! palisade_core::parsed! { Title, "Emma" }
//!
//! /// The body of `POST /books`.
//! #[derive(Debug, Deserialize, Validate)]
//! pub struct NewBook {
//!     /// As printed on the cover.
//!     title: Title,
//!     /// Left out: unknown.
//!     #[validate(range(min = 1))]
//!     pages: Option<u32>,
//! }
//!
//! let body = serde_json::json!({"title": "", "pages": 0, "colour": "red"});
//! let error = input::read::<NewBook>(&body).unwrap_err();
//! let fields: Vec<_> = error.fields().iter().map(|f| f.field.as_str()).collect();
//! assert_eq!(fields, ["/title", "/colour", "/pages"]);
//! # }
//! ```

mod change;
mod parse;
mod parsed;
#[cfg(feature = "validator")]
mod read;

pub use change::{nullable, settable};
pub(crate) use parse::digits;
pub use parse::{Parse, Shape};
pub use parsed::deserialize;
#[cfg(feature = "validator")]
pub use read::{broken, read, read_pairs, read_text};
