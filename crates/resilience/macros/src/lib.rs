//! `#[guarded]`, which puts a function behind a policy of `palisade-resilience`. That crate re-exports it.
//!
//! ```
//! use palisade_resilience::{Policy, guarded};
//!
//! struct Billing {
//!     policy: Policy,
//! }
//!
//! impl Billing {
//!     /// Behind `self.policy`.
//!     #[guarded]
//!     async fn charge(&self, customer: &str, cents: u32) -> Result<String, palisade_core::Error> {
//!         Ok(format!("{customer} owes {cents}"))
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let billing = Billing { policy: Policy::builder("billing").build() };
//! assert_eq!(billing.charge("Ada", 12).await.unwrap(), "Ada owes 12");
//! # });
//! ```
//!
//! What it deliberately does not do: make a policy. That has settings, a clock and randomness, and is handed in.

mod function;
mod options;

use proc_macro::TokenStream;

/// Puts an `async fn` or method that returns a `Result` behind a policy: its body is one attempt.
///
/// | option | |
/// |---|---|
/// | `policy = …` | An expression that is a `Policy`, or a reference to one. Otherwise `self.policy` in a method, and the argument named `policy` in a function. |
/// | `retry_if = …` | A function `fn(&E) -> bool`: whether an error is a failure that another attempt may mend. Any other error is an answer, which is not retried and not held against the callee. |
/// | `classify = …` | A function `fn(&E) -> Verdict`, in place of `retry_if`, which tells those two apart. |
///
/// Without either, any error is a failure that another attempt may mend.
///
/// As the body may run several times, each attempt gets a clone of every argument: take by reference, or in an `Arc`,
/// what is dear to clone. A method takes `&self`; an argument that is borrowed mutably cannot be given twice and is
/// refused.
///
/// What the policy refuses becomes the function's error, so this must be `From<palisade_resilience::Error<E>>`, as
/// `palisade_core::Error` is:
///
/// ```
/// use palisade_resilience::{Error, Policy, guarded};
///
/// #[derive(Debug, PartialEq)]
/// enum QuoteError {
///     Unknown,
///     Unavailable,
/// }
///
/// impl From<Error<Self>> for QuoteError {
///     fn from(error: Error<Self>) -> Self {
///         error.failure().unwrap_or(Self::Unavailable)
///     }
/// }
///
/// #[guarded(retry_if = |error| *error == QuoteError::Unavailable)]
/// async fn quote(policy: &Policy, share: &str) -> Result<u32, QuoteError> {
///     if share == "PALI" { Ok(42) } else { Err(QuoteError::Unknown) }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let policy = Policy::builder("quotes").build();
/// assert_eq!(quote(&policy, "PALI").await, Ok(42));
/// assert_eq!(quote(&policy, "SADE").await, Err(QuoteError::Unknown));
/// # });
/// ```
///
/// Under `#[async_trait]` this attribute comes too late to see an `async fn`: guard what the method calls.
#[proc_macro_attribute]
pub fn guarded(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(options, item.clone()).unwrap_or_else(|error| {
        // With the function as it stands, so that this error is the only one.
        let mut tokens = TokenStream::from(error.into_compile_error());
        tokens.extend(item);
        tokens
    })
}

fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let function = syn::parse(item)?;
    Ok(function::guarded(function, syn::parse(options)?)?.into())
}
