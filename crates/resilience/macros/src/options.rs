//! What stands in the attribute's parentheses.

use syn::{
    Expr, Ident, Token,
    parse::{Parse, ParseStream},
};

/// The options of `#[guarded]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) policy: Option<Expr>,
    pub(crate) filter: Option<Filter>,
}

/// Which errors are failures, and which of these are worth another attempt.
pub(crate) enum Filter {
    RetryIf(Expr),
    Classify(Expr),
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            options.check(&name)?;
            input.parse::<Token![=]>()?;
            let value: Expr = input.parse()?;
            if name == "policy" {
                options.policy = Some(value);
            } else if name == "retry_if" {
                options.filter = Some(Filter::RetryIf(value));
            } else {
                options.filter = Some(Filter::Classify(value));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// Whether there is such an option, and it may still be given.
    fn check(&self, name: &Ident) -> syn::Result<()> {
        let problem = if name == "policy" {
            self.policy.as_ref().map(|_| "`policy` is given twice".to_owned())
        } else if name == "retry_if" || name == "classify" {
            self.filter.as_ref().map(|_| "one of `retry_if` and `classify` is enough".to_owned())
        } else {
            Some(format!("there is no option `{name}`; there are `policy`, `retry_if` and `classify`"))
        };
        problem.map_or(Ok(()), |problem| Err(syn::Error::new(name.span(), problem)))
    }
}
