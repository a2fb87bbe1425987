//! What a layer is: it sees the request, calls on, and sees the response.

mod stack;
mod wrap;

use std::future::Future;

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
};

use futures_util::future::Either;

use crate::Rejection;
pub use stack::Then;
pub use wrap::Layered;

/// What comes back from a layer. An error comes from foreign middleware alone: a layer of ours that refuses a
/// request answers it ([`refuse`]).
pub type Outcome = Result<ServiceResponse, Error>;

/// The rest of the stack, as a layer sees it.
pub trait Next {
    /// Passes the request on.
    fn call(self, request: ServiceRequest) -> impl Future<Output = Outcome>;
}

/// A layer, without the ceremony that actix-web asks for around it.
///
/// Layers are put together by [`then`](Layer::then), the outermost first, and given to an application as one
/// middleware: the whole stack costs one allocation for each request, however many layers it has. `Option` of
/// a layer is a layer that may be off.
///
/// ```
/// use actix_web::dev::ServiceRequest;
/// use palisade_http::{Layer, layer::{Next, Outcome}, panic_guard::PanicGuard};
///
/// /// Counts nothing, changes nothing.
/// struct Transparent;
///
/// impl Layer for Transparent {
///     async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
///         next.call(request).await
///     }
/// }
///
/// let off: Option<Transparent> = None;
/// let app = actix_web::App::new().wrap(PanicGuard.then(Transparent).then(off).layered());
/// # let _ = app;
/// ```
pub trait Layer: Sized + 'static {
    /// Answers the request, as a rule by calling `next`. No second handle of the request may be held while
    /// `next` is called: actix-web panics then.
    fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> impl Future<Output = Outcome>;

    /// This layer around `inner`.
    fn then<L: Layer>(self, inner: L) -> Then<Self, L> {
        Then { outer: self, inner }
    }

    /// The layer in the form that `App::wrap` and `Scope::wrap` take.
    fn layered(self) -> Layered<Self> {
        Layered::new(self)
    }
}

impl<L: Layer> Layer for Option<L> {
    fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> impl Future<Output = Outcome> {
        match self {
            Some(layer) => Either::Left(layer.handle(request, next)),
            None => Either::Right(next.call(request)),
        }
    }
}

/// The answer of a layer that does not let a request through. It is a response, not an error, so that the
/// request is not lost to the layers outside.
///
/// # Errors
/// Never.
pub fn refuse(request: ServiceRequest, error: impl Into<Rejection>) -> Outcome {
    Ok(request.error_response(error.into()))
}
