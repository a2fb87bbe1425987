//! What stands in the attribute's parentheses.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Error, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Result, Token, bracketed,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned as _,
};

use crate::template::Template;

const NAMES: [&str; 6] = ["key", "ttl", "strategy", "negative_ttl", "tags", "cache"];
/// 100 years, as `palisade_cache::Ttl` has it.
const MOST_SECONDS: u32 = 100 * 365 * 24 * 60 * 60;

/// The options of `#[cached]`.
pub(crate) struct Options {
    pub(crate) key: Template,
    pub(crate) ttl: TokenStream,
    pub(crate) strategy: TokenStream,
    pub(crate) negative_ttl: Option<TokenStream>,
    pub(crate) tags: Vec<Template>,
    pub(crate) cache: Option<Expr>,
}

#[derive(Default)]
struct Given {
    names: Vec<Ident>,
    key: Option<Template>,
    ttl: Option<TokenStream>,
    strategy: Option<TokenStream>,
    negative_ttl: Option<TokenStream>,
    tags: Vec<Template>,
    cache: Option<Expr>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut given = Given::default();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            given.check(&name)?;
            input.parse::<Token![=]>()?;
            given.take(&name, input)?;
            given.names.push(name);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let missing = |what| Error::new(Span::call_site(), what);
        let Given { key, ttl, strategy, negative_ttl, tags, cache, .. } = given;
        Ok(Self {
            key: key.ok_or_else(|| missing("which key? Write `key = \"users:{id}\"`"))?,
            ttl: ttl.ok_or_else(|| missing("for how long? Write `ttl = 300`, in seconds"))?,
            strategy: strategy.unwrap_or_else(|| quote!(CacheAside)),
            negative_ttl,
            tags,
            cache,
        })
    }
}

impl Given {
    /// Whether there is such an option, and it may still be given.
    fn check(&self, name: &Ident) -> Result<()> {
        let known = NAMES.iter().any(|known| name == known);
        let problem = match (known, self.names.contains(name)) {
            (true, false) => return Ok(()),
            (true, true) => format!("`{name}` is given twice"),
            (false, _) => {
                let names = NAMES.map(|name| format!("`{name}`")).join(", ");
                format!("there is no option `{name}`; there are {names}")
            }
        };
        Err(Error::new(name.span(), problem))
    }

    fn take(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "key" => self.key = Some(Template::parse(&input.parse()?)?),
            "ttl" => self.ttl = Some(ttl(input.parse()?)?),
            "strategy" => self.strategy = Some(strategy(&input.parse()?)?),
            "negative_ttl" => self.negative_ttl = Some(ttl(input.parse()?)?),
            "tags" => {
                let list;
                bracketed!(list in input);
                let tags = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
                self.tags = tags.iter().map(Template::parse).collect::<Result<_>>()?;
            }
            _ => self.cache = Some(input.parse()?),
        }
        Ok(())
    }
}

/// An expression of type `Ttl`.
fn ttl(value: Expr) -> Result<TokenStream> {
    let wrong = |span| Error::new(span, "a time to live is a number of seconds, at least 1, or a `Ttl`");
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(seconds), .. }) => of_seconds(&seconds),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(of_expression(&text.parse()?)),
        Expr::Lit(_) | Expr::Unary(_) => Err(wrong(value.span())),
        expression => Ok(of_expression(&expression)),
    }
}

fn of_seconds(literal: &LitInt) -> Result<TokenStream> {
    match literal.base10_parse::<u32>() {
        Ok(0) => {
            Err(Error::new(literal.span(), "a value that lives for 0 seconds is not cached: at least 1"))
        }
        Ok(seconds) if seconds <= MOST_SECONDS => Ok(quote!(::palisade_cache::__private::seconds(#seconds))),
        Ok(_) | Err(_) => Err(Error::new(literal.span(), "a value lives for 100 years at most")),
    }
}

fn of_expression(expression: &Expr) -> TokenStream {
    quote!(#expression)
}

/// The name of the strategy's variant.
fn strategy(name: &LitStr) -> Result<TokenStream> {
    let problem = match name.value().as_str() {
        "cache_aside" => return Ok(quote!(CacheAside)),
        "refresh_ahead" => return Ok(quote!(RefreshAhead)),
        "write_through" => {
            "`write_through` is about writes, and this function reads: end them with \
             `Caching::change` and `Change::finish_with`"
        }
        "write_behind" => {
            "`write_behind` is about writes, and this function reads: hand them to a `WriteBehind`"
        }
        _ => "a function that reads has the strategy `cache_aside` or `refresh_ahead`",
    };
    Err(Error::new(name.span(), problem))
}
