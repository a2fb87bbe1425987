//! What the code that `#[cached]` writes calls.

use std::{
    fmt::{self, Display, Write as _},
    num::NonZeroU32,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{CacheKey, Caching, Error, Recipe, Result, Tag, Ttl};

/// A value as it stands in the keys of `#[cached]`: `%` is `%25` and `:` is `%3A`, so that no value runs into the next.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<T>(pub T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(['%', ':']) {
            let (plain, escaped) = match part.strip_suffix('%') {
                Some(plain) => (plain, "%25"),
                None => part.strip_suffix(':').map_or((part, ""), |plain| (plain, "%3A")),
            };
            self.0.write_str(plain)?;
            self.0.write_str(escaped)?;
        }
        Ok(())
    }
}

/// A key or tag in the making.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With what stands between the values.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    /// With a value.
    #[must_use]
    pub fn value(mut self, value: &(impl Display + ?Sized)) -> Self {
        // Writing to a string fails only where the value's own `Display` does, and then `to_string` would panic too; here
        // it becomes a character that no key may have.
        if write!(self.0, "{}", Escaped(value)).is_err() {
            self.0.push('\0');
        }
        self
    }
}

/// So many seconds, of which the attribute knows that they are more than none.
#[must_use]
pub const fn seconds(seconds: u32) -> Ttl {
    Ttl::seconds(NonZeroU32::MIN.saturating_add(seconds.saturating_sub(1)))
}

/// Where and how one call is cached.
#[derive(Debug)]
pub struct Plan(Result<(CacheKey, Recipe)>);

impl Plan {
    /// Under this key, by this recipe, with these tags.
    #[must_use]
    pub fn new(key: Text, recipe: Recipe, tags: impl IntoIterator<Item = Text>) -> Self {
        Self(CacheKey::new(key.0).and_then(|key| {
            let tags: Vec<Tag> = tags.into_iter().map(|tag| Tag::new(tag.0)).collect::<Result<_>>()?;
            Ok((key, recipe.tags(tags)))
        }))
    }
}

/// What a cached function returns.
#[diagnostic::on_unimplemented(
    message = "a cached function returns a `Result`, and `{Self}` is none",
    label = "this is no `Result<T, E>`"
)]
pub trait Fallible: Sized {
    /// `T` of `Result<T, E>`.
    type Value;
    /// `E` of `Result<T, E>`.
    type Error;

    /// It as a `Result`.
    ///
    /// # Errors
    /// Its error.
    fn into_result(self) -> Result<Self::Value, Self::Error>;

    /// A `Result` as it.
    fn from_result(result: Result<Self::Value, Self::Error>) -> Self;
}

impl<V, E> Fallible for Result<V, E> {
    type Value = V;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }

    fn from_result(result: Self) -> Self {
        result
    }
}

/// A value that may be missing.
#[diagnostic::on_unimplemented(
    message = "`negative_ttl` is for what may be missing, and `{Self}` never is",
    label = "this is no `Result<Option<T>, E>`"
)]
pub trait Optional: Sized {
    /// `T` of `Option<T>`.
    type Present;

    /// It as an `Option`.
    fn into_option(self) -> Option<Self::Present>;

    /// An `Option` as it.
    fn from_option(value: Option<Self::Present>) -> Self;
}

impl<V> Optional for Option<V> {
    type Present = V;

    fn into_option(self) -> Self {
        self
    }

    fn from_option(value: Self) -> Self {
        value
    }
}

/// [`Caching::get_or_fetch`] for a function.
pub async fn get<R, B, F>(caching: &Caching, plan: Plan, fetch: B) -> R
where
    R: Fallible,
    R::Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    R::Error: From<Error> + Clone + Send + Sync + 'static,
    B: FnOnce() -> F + Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let (key, recipe) = match plan.0 {
        Ok(plan) => plan,
        Err(error) => return R::from_result(Err(error.into())),
    };
    let fetch = || async move { fetch().await.into_result() };
    let fetched = caching.get_or_fetch(&key, &recipe, fetch).await;
    R::from_result(fetched.map(|fetched| fetched.value))
}

/// [`Caching::find_or_fetch`] for a function.
pub async fn find<R, B, F>(caching: &Caching, plan: Plan, fetch: B) -> R
where
    R: Fallible,
    R::Value: Optional,
    <R::Value as Optional>::Present: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    R::Error: From<Error> + Clone + Send + Sync + 'static,
    B: FnOnce() -> F + Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let (key, recipe) = match plan.0 {
        Ok(plan) => plan,
        Err(error) => return R::from_result(Err(error.into())),
    };
    let fetch = || async move { fetch().await.into_result().map(Optional::into_option) };
    let fetched = caching.find_or_fetch(&key, &recipe, fetch).await;
    R::from_result(fetched.map(|fetched| R::Value::from_option(fetched.value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_separator_within_a_value_is_none() {
        assert_eq!(Escaped("a:b%3A").to_string(), "a%3Ab%253A");
        assert_eq!(Escaped(17).to_string(), "17");
        assert_eq!(seconds(300).duration().as_secs(), 300);
    }

    proptest! {
        #[test]
        fn two_values_make_one_text_only(one: (String, String), other: (String, String)) {
            let text = |(p, q): &(String, String)| Text::new().text("x:").value(p).text(":").value(q).0;
            prop_assert_eq!(text(&one) == text(&other), one == other);
        }

        #[test]
        fn what_is_between_colons_does_not_matter(one in "[ab:%]{0,3}", other in "[ab:%]{0,3}", p in "[ab:%]{0,3}", q in "[ab:%]{0,3}") {
            let text = |p: &str, q: &str| Text::new().text("x").value(p).text("a:b").value(q).0;
            prop_assert_eq!(text(&one, &other) == text(&p, &q), (one, other) == (p, q));
        }
    }
}
