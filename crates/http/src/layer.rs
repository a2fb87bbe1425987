//! What a layer is: it sees the request, calls on, and sees the response.

use std::{fmt, future::Future, rc::Rc};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use futures_util::future::{LocalBoxFuture, Ready, ready};

/// A layer, without the ceremony that actix-web asks for around it.
///
/// ```
/// use actix_web::{Error, body::MessageBody, dev::{Service, ServiceRequest, ServiceResponse}};
/// use palisade_http::Layer;
///
/// /// Counts nothing, changes nothing.
/// struct Transparent;
///
/// impl Layer for Transparent {
///     type Body<B: MessageBody + 'static> = B;
///
///     async fn handle<S, B>(&self, request: ServiceRequest, next: &S) -> Result<ServiceResponse<B>, Error>
///     where
///         S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
///         B: MessageBody + 'static,
///     {
///         next.call(request).await
///     }
/// }
///
/// let app = actix_web::App::new().wrap(Transparent.layered());
/// # let _ = app;
/// ```
pub trait Layer: Sized + 'static {
    /// The body of the responses it gives, when those it gets have the body `B`.
    type Body<B: MessageBody + 'static>: MessageBody + 'static;

    /// Answers the request, as a rule by calling `next`. No second handle of the request may be held while
    /// `next` is called: actix-web panics then.
    fn handle<S, B>(
        &self,
        request: ServiceRequest,
        next: &S,
    ) -> impl Future<Output = Result<ServiceResponse<Self::Body<B>>, Error>>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static;

    /// The layer in the form that `App::wrap` and `Scope::wrap` take.
    fn layered(self) -> Layered<Self> {
        Layered(Rc::new(self))
    }
}

/// A [`Layer`] in the form that `App::wrap` and `Scope::wrap` take.
pub struct Layered<L>(Rc<L>);

impl<L, S, B> Transform<S, ServiceRequest> for Layered<L>
where
    L: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<L::Body<B>>;
    type Error = Error;
    type Transform = Around<L, S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Around { layer: Rc::clone(&self.0), next: Rc::new(service) }))
    }
}

/// A layer around the service it calls.
pub struct Around<L, S> {
    layer: Rc<L>,
    next: Rc<S>,
}

impl<L, S, B> Service<ServiceRequest> for Around<L, S>
where
    L: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<L::Body<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(next);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (layer, next) = (Rc::clone(&self.layer), Rc::clone(&self.next));
        Box::pin(async move { layer.handle(request, &*next).await })
    }
}

impl<L> fmt::Debug for Layered<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Layered").field(&std::any::type_name::<L>()).finish()
    }
}

impl<L, S> fmt::Debug for Around<L, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Around").field(&std::any::type_name::<L>()).finish()
    }
}
