//! A function whose body becomes a fetch.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{
    Error, FnArg, GenericParam, Ident, ItemFn, Pat, Receiver, Result, ReturnType, Signature, Type,
    spanned::Spanned as _,
};

use crate::options::Options;

/// The same function, asked when the cache does not know.
pub(crate) fn cached(function: ItemFn, options: Options) -> Result<TokenStream> {
    let output = output(&function.sig)?.clone();
    let arguments = arguments(&function.sig)?;
    let names: Vec<&Ident> = arguments.iter().map(|argument| &argument.name).collect();
    let cache = cache(&function.sig, &names, &options)?;
    let plan = plan(&function.sig, &names, &options)?;
    let entry = if options.negative_ttl.is_some() { quote!(find) } else { quote!(get) };
    let owned = arguments.iter().map(Argument::owned);
    let Fetch { body, sibling } = Fetch::of(&function, &output, &arguments);
    // What is wrong with the type is told where the type stands, and with the cache where that does.
    let call = quote_spanned! { at(output.span())=>
        ::palisade_cache::__private::#entry::<#output, _, _>(&__cache, __plan, #body).await
    };
    let cache = quote_spanned!(at(cache.span())=> &(#cache));
    let ItemFn { attrs, vis, mut sig, .. } = function;
    forget_mut(&mut sig);
    Ok(quote! {
        #(#attrs)*
        #vis #sig {
            let __cache: &::palisade_cache::Caching = #cache;
            // A clone, so that what it was borrowed from can be moved.
            let __cache = ::core::clone::Clone::clone(__cache);
            let __plan = #plan;
            #(#owned)*
            #call
        }
        #sibling
    })
}

/// The closure that fetches.
struct Fetch {
    body: TokenStream,
    /// The body of a method, which cannot stand elsewhere than in a method: it speaks of `self`.
    sibling: Option<TokenStream>,
}

impl Fetch {
    fn of(function: &ItemFn, output: &Type, arguments: &[Argument]) -> Self {
        let lent = arguments.iter().map(Argument::lent);
        let (names, block) = (arguments.iter().map(|argument| &argument.name), &function.block);
        if function.sig.receiver().is_none() {
            let muts = arguments.iter().map(Argument::made_mut);
            let body = quote! {
                move || async move {
                    #(#lent)*
                    #(#muts)*
                    let __answer: #output = #block;
                    __answer
                }
            };
            return Self { body, sibling: None };
        }
        let mut sig = function.sig.clone();
        sig.ident = format_ident!("__{}_uncached", sig.ident);
        let (name, passed) = (&sig.ident, arguments.iter().map(|argument| &argument.name));
        let lints = function.attrs.iter().filter(|attribute| {
            ["allow", "expect", "warn", "deny"].iter().any(|lint| attribute.path().is_ident(lint))
        });
        let sibling = quote! {
            #[doc(hidden)]
            #(#lints)*
            #sig {
                // It may be there for the key only.
                #(let _ = &#names;)*
                #block
            }
        };
        let body = quote! {
            {
                let __this = ::core::clone::Clone::clone(self);
                move || async move {
                    #(#lent)*
                    Self::#name(&__this, #(#passed),*).await
                }
            }
        };
        Self { body, sibling: Some(sibling) }
    }
}

/// What an `async fn` returns.
fn output(sig: &Signature) -> Result<&Type> {
    if sig.asyncness.is_none() {
        return Err(Error::new(sig.fn_token.span(), "only an `async fn` can be cached"));
    }
    let generic = sig.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(generic) = generic {
        let problem = "a cached function has no generic types: its values share one key whatever these are";
        return Err(Error::new(generic.span(), problem));
    }
    match &sig.output {
        ReturnType::Type(_, output) => Ok(output),
        ReturnType::Default => Err(Error::new(sig.ident.span(), "a cached function returns a `Result`")),
    }
}

fn cache(sig: &Signature, names: &[&Ident], options: &Options) -> Result<TokenStream> {
    let in_place = sig.ident.span();
    if let Some(cache) = &options.cache {
        return Ok(quote!(#cache));
    }
    if sig.receiver().is_some() {
        let cache = Ident::new("cache", in_place);
        return Ok(quote_spanned!(at(in_place)=> self.#cache));
    }
    let argument = names.iter().find(|name| **name == "cache").map(|name| name.to_token_stream());
    let problem = "which cache? Write `#[cached(cache = …)]`, or take an argument named `cache`";
    argument.ok_or_else(|| Error::new(in_place, problem))
}

fn plan(sig: &Signature, names: &[&Ident], options: &Options) -> Result<TokenStream> {
    let receiver = sig.receiver().map(|receiver| receiver.self_token.span);
    let key = options.key.filled(names, receiver)?;
    let tags: Vec<TokenStream> =
        options.tags.iter().map(|tag| tag.filled(names, receiver)).collect::<Result<_>>()?;
    let (ttl, strategy) = (&options.ttl, &options.strategy);
    let negative_ttl = options.negative_ttl.iter();
    Ok(quote! {
        ::palisade_cache::__private::Plan::new(
            #key,
            ::palisade_cache::Recipe::new(#ttl)
                .strategy(::palisade_cache::Strategy::#strategy)
                #(.negative_ttl(#negative_ttl))*,
            [#(#tags),*],
        )
    })
}

struct Argument {
    name: Ident,
    /// Whether the body changes it.
    is_mut: bool,
    /// What it refers to, if it is a reference.
    referent: Option<Type>,
}

fn arguments(sig: &Signature) -> Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    for argument in &sig.inputs {
        match argument {
            FnArg::Receiver(receiver) => check_receiver(receiver)?,
            FnArg::Typed(argument) => arguments.push(Argument::new(&argument.pat, &argument.ty)?),
        }
    }
    Ok(arguments)
}

fn check_receiver(receiver: &Receiver) -> Result<()> {
    match &*receiver.ty {
        Type::Reference(reference) if reference.mutability.is_none() => Ok(()),
        _ => {
            Err(Error::new(receiver.span(), "a cached method takes `&self`, of which the fetch gets a clone"))
        }
    }
}

impl Argument {
    fn new(pattern: &Pat, kind: &Type) -> Result<Self> {
        let name = match pattern {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => name,
            _ => return Err(Error::new(pattern.span(), "give this argument a name: the fetch gets it")),
        };
        let referent = match kind {
            Type::Reference(reference) if reference.mutability.is_some() => {
                let problem = "the fetch may outlive its caller and cannot borrow an argument mutably";
                return Err(Error::new(kind.span(), problem));
            }
            Type::Reference(reference) => Some((*reference.elem).clone()),
            _ => None,
        };
        check_owned(referent.as_ref().unwrap_or(kind))?;
        Ok(Self { name: name.ident.clone(), is_mut: name.mutability.is_some(), referent })
    }

    /// Makes it one that the fetch can take along.
    fn owned(&self) -> Option<TokenStream> {
        let (name, referent) = (&self.name, self.referent.as_ref()?);
        let owned =
            quote_spanned!(at(referent.span())=> <#referent as ::std::borrow::ToOwned>::to_owned(#name));
        Some(quote!(let #name = #owned;))
    }

    /// Makes it again what the body expects.
    fn lent(&self) -> Option<TokenStream> {
        let (name, referent) = (&self.name, self.referent.as_ref()?);
        Some(quote!(let #name = ::std::borrow::Borrow::<#referent>::borrow(&#name);))
    }

    fn made_mut(&self) -> TokenStream {
        let name = &self.name;
        // It may be there for the key only.
        let used = quote!(let _ = &#name;);
        if self.is_mut { quote!(#used let mut #name = #name;) } else { used }
    }
}

/// A type that borrows, or is not named, has no owned form that is known here.
fn check_owned(kind: &Type) -> Result<()> {
    let Some((problem, span)) = borrowed(kind.to_token_stream()) else { return Ok(()) };
    Err(Error::new(span, problem))
}

fn borrowed(tokens: TokenStream) -> Option<(&'static str, Span)> {
    const BORROWS: &str = "the fetch may outlive its caller and cannot borrow within a type: take it owned";
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Ident(word) if word == "impl" => {
                Some(("name this type: values of all that it stands for would share one key", token.span()))
            }
            TokenTree::Punct(sign) if sign.as_char() == '&' => Some((BORROWS, token.span())),
            TokenTree::Punct(sign) if sign.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name == "static" => None,
                _ => Some((BORROWS, token.span())),
            },
            TokenTree::Group(group) => borrowed(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// It is the fetch's that is changed.
fn forget_mut(sig: &mut Signature) {
    for argument in &mut sig.inputs {
        if let FnArg::Typed(argument) = argument
            && let Pat::Ident(name) = &mut *argument.pat
        {
            name.mutability = None;
        }
    }
}

/// There for the reader of an error, but of the macro's making: lints let it be.
fn at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}
