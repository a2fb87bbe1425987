//! `#[cached]`, which keeps what a function gives in `palisade-cache`. That crate re-exports it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use palisade_cache::{Caching, Error, MemoryCache, MemoryOptions, cached};
//! use palisade_core::{SystemClock, SystemRandom, Timeline};
//!
//! #[derive(Clone)]
//! struct Users {
//!     cache: Caching,
//! }
//!
//! impl Users {
//!     /// Asked of the source once in five minutes, however many ask.
//!     #[cached(key = "users:{id}:{part}", ttl = 300, strategy = "refresh_ahead")]
//!     async fn read(&self, id: u64, part: &str) -> Result<String, Error> {
//!         Ok(format!("the {part} of {id}"))
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let memory = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
//! let users = Users { cache: Caching::start(Arc::new(memory), Arc::new(SystemRandom)) };
//! assert_eq!(users.read(1, "name").await.unwrap(), "the name of 1");
//! assert_eq!(users.read(1, "name").await.unwrap(), "the name of 1");
//! assert_eq!((users.cache.counters().fetches, users.cache.counters().hits), (1, 1));
//! # });
//! ```
//!
//! What it deliberately does not do: write. Who changes what is cached begins with `Caching::change`.

mod function;
mod options;
mod template;

use proc_macro::TokenStream;

/// Keeps what an `async fn` or method gives: its body becomes the fetch of `Caching::get_or_fetch`, which runs when the
/// value is not cached, once for all who wait for it.
///
/// **Authorize before, never inside.** The value is shared by all callers with the same key: a check in the body is made
/// for the first of them only. For the same reason everything that the value depends on stands in the key.
///
/// | option | |
/// |---|---|
/// | `key = "users:{id}"` | The key, needed. A placeholder is an argument, a field of one (`{filter.name}`, `{pair.0}`) or a field of `self`, and implements `Display`. |
/// | `ttl = 300` | How long the value lives, needed: seconds, or an expression that is a `Ttl` (`ttl = self.ttl`), also in quotes. |
/// | `strategy = "refresh_ahead"` | Fetches anew in the background what is read in the last fifth of its life. Otherwise `"cache_aside"`. |
/// | `negative_ttl = 10` | How long it is remembered that there is no such thing, for a `Result<Option<T>, E>`; otherwise a `None` lives as long as any value. |
/// | `tags = ["users", "org:{org}"]` | What `Caching::forget_tagged` forgets it by; placeholders as in the key. |
/// | `cache = …` | An expression that is a `Caching`, or a reference to one. Otherwise `self.cache` in a method, and the argument named `cache` in a function. |
///
/// # Keys
///
/// In the text of a placeholder `%` becomes `%25` and `:` becomes `%3A`, and between two placeholders there must be a `:`.
/// So different arguments never make the same key: `"x:{p}:{q}"` is `x:a%3Ab:c` for `("a:b", "c")` and `x:a:b%3Ac` for
/// `("a", "b:c")`. Who needs the key elsewhere, to invalidate it, writes `palisade_cache::Escaped` around such values.
///
/// A key that is too long or has a control character, or a tag that has, is the caller's error: `Error::InvalidKey` or
/// `Error::InvalidName`, as an `E`. It is never cut off.
///
/// # What the function must be
///
/// The fetch outlives the caller who began it, if others wait for it. So
/// - arguments are moved into it; a reference (`&str`, `&[T]`, `&T`) is made owned (`ToOwned`) and lent to the body again.
///   A reference within a type (`Option<&str>`), a `&mut`, an `impl Trait` and generic types are refused;
/// - `self` is `&self`, and `Clone`: put in an `Arc` what is dear to clone;
/// - the body is `Send`, and so is what it holds over an `.await`;
/// - it returns a `Result<T, E>`, where `T` is `Serialize`, `DeserializeOwned` and `Clone`, `E` is
///   `From<palisade_cache::Error>` and `Clone`, and both are `Send`, `Sync` and `'static`. An error is given to all who
///   wait and is not cached.
///
/// `palisade_core::Error` is such an error, and so is one of your own that derives `Clone`; hold what cannot be cloned
/// (`std::io::Error`, `anyhow::Error`) in an `Arc` within it, or give it to `palisade_core::Error` as the source.
///
/// A method stands in an `impl` of the type itself: it gets a sibling, `__name_uncached`, which a trait does not have.
/// Under `#[async_trait]` this attribute comes too late to see an `async fn`. Have such a method call a cached one.
#[proc_macro_attribute]
pub fn cached(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(options, item).unwrap_or_else(|error| error.into_compile_error().into())
}

fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let function = syn::parse(item)?;
    Ok(function::cached(function, syn::parse(options)?)?.into())
}
