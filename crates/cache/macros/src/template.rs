//! Texts with places for arguments.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Error, Ident, Index, LitStr, Result};

/// The most bytes of a key or a tag.
const MAX_BYTES: usize = 512;

/// A text whose places are filled when the function is called.
pub(crate) struct Template {
    parts: Vec<Part>,
    span: Span,
}

enum Part {
    Text(String),
    /// `filter.name`: its segments.
    Place(Vec<String>),
}

impl Template {
    pub(crate) fn parse(literal: &LitStr) -> Result<Self> {
        let fail = |problem: &str| Error::new(literal.span(), problem);
        let template = Self { parts: parts(&literal.value()).map_err(|p| fail(&p))?, span: literal.span() };
        let text: Vec<&str> = template.parts.iter().filter_map(Part::text).collect();
        let problem = if template.parts.is_empty() {
            "it is empty"
        } else if text.iter().any(|text| text.chars().any(char::is_control)) {
            "it has a control character"
        } else if text.iter().map(|text| text.len()).sum::<usize>() > MAX_BYTES {
            "it has more than 512 bytes"
        } else if template.has_neighbours() {
            "there must be a `:` between two placeholders, so that different arguments never make the same text"
        } else {
            return Ok(template);
        };
        Err(fail(problem))
    }

    /// Whether two places stand side by side without a colon, which no value has, between them.
    fn has_neighbours(&self) -> bool {
        let mut open = false;
        self.parts.iter().any(|part| match part {
            Part::Text(text) => {
                open &= !text.contains(':');
                false
            }
            Part::Place(_) => std::mem::replace(&mut open, true),
        })
    }

    /// An expression that is the filled text.
    pub(crate) fn filled(&self, arguments: &[&Ident], receiver: Option<Span>) -> Result<TokenStream> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Ok(quote!(.text(#text))),
            Part::Place(path) => {
                let place = self.place(path, arguments, receiver)?;
                let call = quote_spanned!(self.span.resolved_at(Span::call_site())=> .value(&#place));
                Ok(call)
            }
        });
        let parts: Vec<TokenStream> = parts.collect::<Result<_>>()?;
        Ok(quote!(::palisade_cache::__private::Text::new() #(#parts)*))
    }

    fn place(&self, path: &[String], arguments: &[&Ident], receiver: Option<Span>) -> Result<TokenStream> {
        let mut segments = path.iter();
        let first = segments.next().map(String::as_str).unwrap_or_default();
        let start = match arguments.iter().find(|argument| **argument == first) {
            Some(argument) => argument.to_token_stream(),
            None if first == "self" && receiver.is_some() => {
                Ident::new("self", Span::call_site()).into_token_stream()
            }
            None => {
                return Err(Error::new(
                    self.span,
                    format!("`{{{first}}}` names no argument of this function"),
                ));
            }
        };
        let fields = segments.map(|name| match name.parse::<u32>() {
            Ok(index) => Index { index, span: self.span }.into_token_stream(),
            Err(_) => Ident::new(name, self.span).into_token_stream(),
        });
        Ok(quote!((#start #(. #fields)*)))
    }
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Place(_) => None,
        }
    }
}

/// The parts of a text in which `{{` and `}}` stand for braces.
fn parts(text: &str) -> std::result::Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '{' | '}' if chars.next_if_eq(&char).is_some() => plain.push(char),
            '{' => {
                let mut inside = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some(char) => inside.push(char),
                        None => return Err("this `{` is not closed; a brace of its own is `{{`".to_owned()),
                    }
                }
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Place(path(&inside)?));
            }
            '}' => return Err("this `}` closes nothing; a brace of its own is `}}`".to_owned()),
            char => plain.push(char),
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

fn path(inside: &str) -> std::result::Result<Vec<String>, String> {
    let segments: Vec<String> = inside.split('.').map(str::to_owned).collect();
    let is_name = |name: &String| {
        syn::parse_str::<Ident>(name).is_ok()
            || name == "self"
            || (name.parse::<u32>().is_ok() && !name.starts_with('+'))
    };
    match segments.iter().all(is_name) {
        true => Ok(segments),
        false => Err(format!(
            "`{{{inside}}}` is no placeholder: it is an argument or a field of one, as in `{{id}}` and `{{filter.name}}`"
        )),
    }
}
