//! A layer as actix-web takes it.

use std::{
    fmt,
    future::{Ready, ready},
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use futures_util::future::LocalBoxFuture;

use super::{Layer, Next, Outcome};

/// A [`Layer`] in the form that `App::wrap` and `Scope::wrap` take.
pub struct Layered<L>(Rc<L>);

impl<L> Layered<L> {
    pub(super) fn new(layer: L) -> Self {
        Self(Rc::new(layer))
    }
}

impl<L> Clone for Layered<L> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<L, S, B> Transform<S, ServiceRequest> for Layered<L>
where
    L: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = Around<L, S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Around(Rc::new(Inside { layer: Rc::clone(&self.0), service }))))
    }
}

/// A layer around the service it calls.
pub struct Around<L, S>(Rc<Inside<L, S>>);

struct Inside<L, S> {
    layer: Rc<L>,
    service: S,
}

impl<L, S, B> Service<ServiceRequest> for Around<L, S>
where
    L: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Outcome>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.service.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let inside = Rc::clone(&self.0);
        Box::pin(async move { inside.layer.handle(request, Innermost(&inside.service)).await })
    }
}

/// What actix-web has put inside the layer.
struct Innermost<'a, S>(&'a S);

impl<S, B> Next for Innermost<'_, S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    async fn call(self, request: ServiceRequest) -> Outcome {
        self.0.call(request).await.map(ServiceResponse::map_into_boxed_body)
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
