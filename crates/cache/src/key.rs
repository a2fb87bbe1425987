//! The names of values.

use std::{borrow::Cow, fmt, sync::Arc};

use crate::Error;

/// The name of a value: 1 to 512 bytes of text without control characters.
///
/// What belongs together begins with the same [`Namespace`]: `users:17`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey(Arc<str>);

impl CacheKey {
    /// The most bytes a key may have.
    pub const MAX_BYTES: usize = 512;

    /// Takes the text as it is. It is never cut off: two long keys would become one.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when it is empty, too long or has a control character.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, Error> {
        let text = text.into();
        check(&text).map_err(Error::InvalidKey)?;
        Ok(Self(text))
    }

    /// The key under which processes agree who refreshes this one. No caller's key is equal to it.
    pub(crate) fn of_refresh(&self) -> Self {
        Self(format!("{}\u{1f}refresh", self.0).into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes before the first colon, which may be told where the rest names a person.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.split_once(':').map_or("", |(namespace, _)| namespace)
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// What keys of one kind begin with: 1 to 64 bytes of lower-case letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(Cow<'static, str>);

impl Namespace {
    const MAX_BYTES: usize = 64;

    /// Takes the name.
    ///
    /// # Errors
    /// [`Error::InvalidName`].
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        match Self::problem(name.as_bytes()) {
            None => Ok(Self(name)),
            Some(problem) => Err(Error::InvalidName(problem)),
        }
    }

    /// The name that stands in the program, looked at when it is compiled:
    /// `const BOOKS: Namespace = Namespace::literal("books").unwrap();`
    #[must_use]
    pub const fn literal(name: &'static str) -> Option<Self> {
        match Self::problem(name.as_bytes()) {
            None => Some(Self(Cow::Borrowed(name))),
            Some(_) => None,
        }
    }

    const fn problem(name: &[u8]) -> Option<&'static str> {
        if name.is_empty() {
            return Some("it is empty");
        }
        if name.len() > Self::MAX_BYTES {
            return Some("it has more than 64 bytes");
        }
        let mut rest = name;
        while let Some((byte, behind)) = rest.split_first() {
            if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.') {
                return Some("it has more than a-z, 0-9, `-`, `_` and `.`");
            }
            rest = behind;
        }
        None
    }

    /// The key of what is called `id` here: `namespace:id`.
    ///
    /// # Errors
    /// [`Error::InvalidKey`].
    pub fn key(&self, id: impl fmt::Display) -> Result<CacheKey, Error> {
        CacheKey::new(format!("{}:{id}", self.0))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What several values have in common, so that they can be invalidated together. The same text as a [`CacheKey`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tag(Arc<str>);

impl Tag {
    /// Takes the name.
    ///
    /// # Errors
    /// [`Error::InvalidName`].
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, Error> {
        let name = name.into();
        check(&name).map_err(Error::InvalidName)?;
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// What is wrong with a text that is to name something.
pub(crate) fn check(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("it is empty"),
        1..=CacheKey::MAX_BYTES if !text.chars().any(char::is_control) => Ok(()),
        1..=CacheKey::MAX_BYTES => Err("it has a control character"),
        _ => Err("it has more than 512 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_as_it_is_or_refused() {
        let longest = "k".repeat(CacheKey::MAX_BYTES);
        assert_eq!(CacheKey::new(longest.clone()).unwrap().as_str(), longest);
        let wrong = [
            (String::new(), "it is empty"),
            (longest + "k", "it has more than 512 bytes"),
            ("users:1\n".to_owned(), "it has a control character"),
            ("users:\u{0}".to_owned(), "it has a control character"),
            ("users:\u{9f}".to_owned(), "it has a control character"),
        ];
        for (text, why) in wrong {
            assert_eq!(CacheKey::new(text.clone()), Err(Error::InvalidKey(why)), "{text:?}");
        }
    }

    #[test]
    fn a_namespace_stands_before_its_keys() {
        let users = Namespace::new("users").unwrap();
        let key = users.key(17).unwrap();
        assert_eq!((key.as_str(), key.namespace()), ("users:17", "users"));
        assert!(users.key("\r").is_err());
        assert_eq!((Namespace::literal("users"), Namespace::literal("Users")), (Some(users), None));
        for name in ["", "Users", "users:", "users*", &"n".repeat(65)] {
            assert!(Namespace::new(name.to_owned()).is_err(), "{name}");
        }
    }

    #[test]
    fn no_callers_key_is_that_of_a_refresh() {
        let key = CacheKey::new("users:1").unwrap();
        assert!(CacheKey::new(key.of_refresh().as_str().to_owned()).is_err());
    }
}
