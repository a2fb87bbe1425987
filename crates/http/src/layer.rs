//! What a layer is: it sees the request, calls on, and sees the response.

mod foreign;
mod hook;
mod stack;
mod wrap;

use std::future::Future;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
};

use futures_util::future::Either;

use crate::Rejection;
pub use foreign::{Foreign, ForeignTransform, Grouped, Groups, Inner};
pub use hook::{EarlyResponse, Hook, Hooks, reject_early, respond_early};
pub use stack::Then;
pub use wrap::{Around, Layered};

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
/// Layers are put together by [`layers!`](crate::layers), the outermost first, and given to an application as one
/// middleware: the whole stack costs one allocation for each request, however many layers it has. What never has to
/// wait is better written as a [`Hook`], which is a layer too; [`optional`] makes a layer that may be off.
///
/// ```
/// use actix_web::dev::ServiceRequest;
/// use palisade_http::{Layer, layer::{Next, Outcome, optional}, layers, panic_guard::PanicGuard};
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
/// let off = optional(None::<Transparent>);
/// let app = actix_web::App::new().wrap(layers![PanicGuard, Transparent, off].layered());
/// # let _ = app;
/// ```
pub trait Layer: Sized + 'static {
    /// Answers the request, as a rule by calling `next`. No second handle of the request may be held while
    /// `next` is called: actix-web panics then.
    fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> impl Future<Output = Outcome>;

    /// This layer around `inner`. For more than two, [`layers!`](crate::layers) makes the smaller stack.
    fn then<L: Layer>(self, inner: L) -> Then<Self, L> {
        Then { outer: self, inner }
    }

    /// The layer in the form that `App::wrap` and `Scope::wrap` take.
    fn layered(self) -> Layered<Self> {
        Layered::new(self)
    }
}

/// A layer that may be off.
pub const fn optional<L: Layer>(layer: Option<L>) -> Optional<L> {
    Optional(layer)
}

/// Made by [`optional`].
#[derive(Debug, Clone, Copy)]
pub struct Optional<L>(Option<L>);

impl<L: Layer> Layer for Optional<L> {
    fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> impl Future<Output = Outcome> {
        match &self.0 {
            Some(layer) => Either::Left(layer.handle(request, next)),
            None => Either::Right(next.call(request)),
        }
    }
}

/// One layer made of several, the outermost first.
///
/// They are nested from the inside out. The other way, as a chain of [`Layer::then`] would nest them, each layer
/// has to remember all layers inside of it while it waits, instead of the one that comes next.
#[macro_export]
macro_rules! layers {
    ($only:expr $(,)?) => { $only };
    ($outer:expr, $($inner:expr),+ $(,)?) => {
        $crate::layer::Layer::then($outer, $crate::layers![$($inner),+])
    };
}

/// The answer of a layer that does not let a request through. It is a response, not an error, so that the
/// request is not lost to the layers outside.
///
/// # Errors
/// Never.
pub fn refuse(request: ServiceRequest, error: impl Into<Rejection>) -> Outcome {
    let response = refused(request.request(), error.into());
    // Not `into_response`, which would lose the error that the renderer looks for.
    Ok(ServiceResponse::new(request.into_parts().0, response))
}

/// The response to a request that is refused: without a body where the renderer will make one.
#[cfg_attr(not(feature = "renderer"), expect(unused_variables, reason = "nobody else would make one"))]
pub(crate) fn refused(request: &HttpRequest, rejection: Rejection) -> HttpResponse {
    #[cfg(feature = "renderer")]
    if crate::snapshot::RequestSnapshot::is_rendered(request) {
        let mut response = HttpResponse::new(actix_web::ResponseError::status_code(&rejection));
        response.extensions_mut().insert(rejection);
        return response;
    }
    HttpResponse::from_error(rejection)
}
