//! A value that is known to be personal.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize, Serializer};

use super::{HIDDEN, found::Replacement, names::Names, scan::Scan};

/// A personal value: it shows masked wherever it is printed or serialised. For secrets, which nobody needs to
/// recognise and which are wiped, there is [`palisade_core::Secret`].
///
/// ```
/// use palisade_telemetry::Pii;
///
/// let email = Pii::new("ulla@example.com");
/// assert_eq!(format!("{email} {email:?}"), "u***@example.com u***@example.com");
/// assert_eq!(Pii::new("Ulla Beispiel").to_string(), "***");
/// assert_eq!(email.expose(), &"ulla@example.com");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

/// What can be in a [`Pii`]. A type of one's own needs only `impl Personal for Address {}`.
pub trait Personal {
    /// What may be shown: nothing, unless the type knows better. A text that is an address, a number of the kinds that
    /// are built in and nothing else keeps what its mask keeps.
    fn masked(&self) -> Cow<'_, str> {
        HIDDEN.into()
    }
}

impl<T> Pii<T> {
    /// Takes a value into keeping.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Each call is a place to look at when asking where personal data could leak.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, out of keeping.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T: Personal> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.masked())
    }
}

impl<T: Personal> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.masked())
    }
}

impl<T: Personal> Serialize for Pii<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.masked())
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl Personal for str {
    fn masked(&self) -> Cow<'_, str> {
        let names = Names::default();
        let mut finds = Scan::new(&names, self);
        let whole = finds.next().is_some_and(|found| {
            let rest = self.get(found.range.end..).unwrap_or_default();
            let domain = matches!(found.by, Replacement::First(_)) && !rest.contains(char::is_whitespace);
            found.range.start == 0 && (rest.is_empty() || domain)
        });
        let shown =
            (whole && finds.next().is_none()).then(|| super::scan::mask(&names, self, self.len())).flatten();
        shown.map_or(HIDDEN.into(), Cow::Owned)
    }
}

impl<T: Personal + ?Sized> Personal for &T {
    fn masked(&self) -> Cow<'_, str> {
        (**self).masked()
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Personal for $text {
            fn masked(&self) -> Cow<'_, str> {
                str::masked(self)
            }
        }
    )*};
}

macro_rules! others {
    ($($other:ty),*) => {$(impl Personal for $other {})*};
}

texts!(String, Box<str>, std::sync::Arc<str>, Cow<'_, str>);
others!(bool, i32, i64, i128, u32, u64, u128, f64, chrono::NaiveDate, std::net::IpAddr);

impl<T> Personal for Option<T> {}
impl<T> Personal for Vec<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_mask_keeps_of_one_thing_and_nothing_of_the_rest() {
        for (text, shown) in [
            ("ulla@example.com", "u***@example.com"),
            ("+49 30 901820-1234", "***-***-1234"),
            ("4111 1111 1111 1111", "****-****-****-1111"),
            ("Ulla Beispiel <ulla@example.com>", "***"),
            ("ulla@example.com Beispiel", "***"),
            ("Ulla", "***"),
            ("", "***"),
        ] {
            let pii = Pii::new(text.to_owned());
            assert_eq!(format!("{pii}|{pii:?}"), format!("{shown}|{shown}"));
            assert_eq!(serde_json::to_value(&pii).unwrap(), shown);
            assert_eq!(pii.into_exposed(), text);
        }
        assert_eq!(Pii::new(Some(7)).to_string(), "***");
    }
}
