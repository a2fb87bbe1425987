//! A function whose body becomes one attempt.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Error, Expr, FnArg, ItemFn, Pat, Receiver, Result, ReturnType, Signature, Type, spanned::Spanned as _,
};

use crate::options::{Filter, Options};

/// The same function behind a policy.
pub(crate) fn guarded(function: ItemFn, options: Options) -> Result<TokenStream> {
    let ItemFn { attrs, vis, mut sig, block } = function;
    let output = output(&sig)?.clone();
    let policy = policy(&sig, options.policy)?;
    let arguments = arguments(&mut sig)?;
    let classify = classify(options.filter);
    // What is wrong with the type is told where the type stands, and once.
    Ok(quote_spanned! {at(output.span())=>
        #(#attrs)*
        #vis #sig {
            let __guarded = ::palisade_resilience::__private::guard::<#output, _>(
                #policy,
                || {
                    #(#arguments)*
                    async move {
                        let __answer: #output = #block;
                        __answer
                    }
                },
                #classify,
            );
            ::core::result::Result::map_err(__guarded.await, ::core::convert::From::from)
        }
    })
}

/// What an `async fn` returns.
fn output(sig: &Signature) -> Result<&Type> {
    if sig.asyncness.is_none() {
        return Err(Error::new(sig.fn_token.span(), "only an `async fn` can be guarded"));
    }
    match &sig.output {
        ReturnType::Type(_, output) => Ok(output),
        ReturnType::Default => Err(Error::new(sig.ident.span(), "a guarded function returns a `Result`")),
    }
}

/// A reference to the policy.
fn policy(sig: &Signature, named: Option<Expr>) -> Result<TokenStream> {
    let is_policy = |argument: &FnArg| match argument {
        FnArg::Typed(argument) => matches!(&*argument.pat, Pat::Ident(name) if name.ident == "policy"),
        FnArg::Receiver(_) => false,
    };
    match named {
        Some(policy) => Ok(quote_spanned!(at(policy.span())=> &(#policy))),
        None if sig.receiver().is_some() => Ok(quote!(&self.policy)),
        None if sig.inputs.iter().any(is_policy) => Ok(quote!(&policy)),
        None => Err(Error::new(
            sig.ident.span(),
            "which policy? Write `#[guarded(policy = …)]`, or take an argument named `policy`",
        )),
    }
}

fn classify(filter: Option<Filter>) -> TokenStream {
    match filter {
        None => quote!(|_| ::palisade_resilience::Verdict::TRANSIENT),
        Some(Filter::RetryIf(filter)) => quote!(::palisade_resilience::Verdict::retry_if(#filter)),
        Some(Filter::Classify(classify)) => quote!(#classify),
    }
}

/// The statements that give an attempt its arguments. Takes `mut` from the signature: it is the clone that is changed.
fn arguments(sig: &mut Signature) -> Result<Vec<TokenStream>> {
    let mut statements = Vec::new();
    for argument in &mut sig.inputs {
        match argument {
            FnArg::Receiver(receiver) => check_receiver(receiver)?,
            FnArg::Typed(argument) => {
                if let Type::Reference(reference) = &*argument.ty
                    && reference.mutability.is_some()
                {
                    return Err(Error::new_spanned(
                        &argument.ty,
                        "a call that may be made again cannot borrow an argument mutably",
                    ));
                }
                statements.extend(clone(&mut argument.pat, &argument.ty)?);
            }
        }
    }
    Ok(statements)
}

fn check_receiver(receiver: &Receiver) -> Result<()> {
    match &*receiver.ty {
        Type::Reference(reference) if reference.mutability.is_none() => Ok(()),
        _ => Err(Error::new_spanned(receiver, "a call that may be made again takes `&self`")),
    }
}

fn clone(pattern: &mut Pat, kind: &Type) -> Result<Option<TokenStream>> {
    match pattern {
        Pat::Wild(_) => Ok(None),
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            let (mutability, ident) = (name.mutability.take(), &name.ident);
            let cloned = quote_spanned!(at(kind.span())=> ::core::clone::Clone::clone(&#ident));
            // The policy is handed over for the attribute's sake, and need not be used by the body.
            let used = (ident == "policy").then(|| quote!(let _ = &#ident;));
            Ok(Some(quote!(let #mutability #ident = #cloned; #used)))
        }
        _ => Err(Error::new_spanned(&*pattern, "give this argument a name: each attempt gets a clone of it")),
    }
}

/// There for the reader of an error, but of the macro's making: lints let it be.
fn at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}
