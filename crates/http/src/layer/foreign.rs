//! Middleware of the ecosystem between our layers.

use std::{
    fmt,
    future::ready,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use futures_util::{FutureExt as _, TryFutureExt as _, future::LocalBoxFuture};

use super::{Around, Layer, Layered, Outcome, Then};

/// A service behind which any middleware may stand.
pub struct Inner(Rc<dyn Callable>);

/// What is called with a request and answers it.
trait Callable {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;
    fn call(&self, request: ServiceRequest) -> LocalBoxFuture<'static, Outcome>;
}

struct Boxed<S>(S);

impl<S, B> Callable for Boxed<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> LocalBoxFuture<'static, Outcome> {
        self.0.call(request).map_ok(ServiceResponse::map_into_boxed_body).boxed_local()
    }
}

impl Inner {
    fn of<S, B>(service: S) -> Self
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        Self(Rc::new(Boxed(service)))
    }
}

impl Service<ServiceRequest> for Inner {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Outcome>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        self.0.call(request)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}

/// Any actix-web `Transform` that takes our services: middleware that `App::wrap` takes is one.
pub trait ForeignTransform: Sized + 'static {
    /// The middleware around the service.
    fn wrap(self, inner: Inner) -> LocalBoxFuture<'static, Result<Inner, ()>>;
}

impl<T, B> ForeignTransform for T
where
    T: Transform<Inner, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    T::Transform: 'static,
    T::Future: 'static,
    B: MessageBody + 'static,
{
    fn wrap(self, inner: Inner) -> LocalBoxFuture<'static, Result<Inner, ()>> {
        self.new_transform(inner).map_ok(Inner::of).boxed_local()
    }
}

type Wrap = dyn Fn(Inner) -> LocalBoxFuture<'static, Result<Inner, ()>> + Send + Sync;

/// Middleware of the ecosystem, made anew for each worker.
#[derive(Clone)]
pub struct Foreign(Arc<Wrap>);

impl Foreign {
    /// The middleware that `make` makes.
    #[must_use]
    pub fn new<T: ForeignTransform>(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |inner| make().wrap(inner)))
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Foreign")
    }
}

/// Three groups of layers with middleware of the ecosystem after each.
///
/// Without any, the groups are one stack, which costs one allocation for each request. With some, each group and each
/// piece of middleware costs one.
pub struct Groups<A, B, C> {
    whole: Option<Layered<Then<A, Then<B, C>>>>,
    parted: Option<Parted<A, B, C>>,
}

struct Parted<A, B, C> {
    layers: (Layered<A>, Layered<B>, Layered<C>),
    foreign: [Vec<Foreign>; 3],
}

impl<A: Layer, B: Layer, C: Layer> Groups<A, B, C> {
    /// The groups, the outermost first, each with the middleware that stands inside of it, the outermost first.
    #[must_use]
    pub fn new(layers: (A, B, C), foreign: [Vec<Foreign>; 3]) -> Self {
        let (first, second, third) = layers;
        if foreign.iter().all(Vec::is_empty) {
            return Self { whole: Some(first.then(second.then(third)).layered()), parted: None };
        }
        let layers = (first.layered(), second.layered(), third.layered());
        Self { whole: None, parted: Some(Parted { layers, foreign }) }
    }
}

impl<A, B, C, S, Body> Transform<S, ServiceRequest> for Groups<A, B, C>
where
    A: Layer,
    B: Layer,
    C: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<Body>, Error = Error> + 'static,
    Body: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = Grouped<A, B, C, S>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        match (&self.whole, &self.parted) {
            (Some(whole), _) => Box::pin(whole.new_transform(service).map_ok(Grouped::Whole)),
            (None, Some(parted)) => {
                let (first, second, third) = &parted.layers;
                let (first, second, third) = (first.clone(), second.clone(), third.clone());
                let [outer, middle, inner] = parted.foreign.clone();
                Box::pin(async move {
                    let service = around(Inner::of(service), inner).await?;
                    let service = around(Inner::of(third.new_transform(service).await?), middle).await?;
                    let service = around(Inner::of(second.new_transform(service).await?), outer).await?;
                    first.new_transform(service).await.map(Grouped::Parted)
                })
            }
            (None, None) => Box::pin(ready(Err(()))),
        }
    }
}

/// The service inside of this middleware, the outermost first.
async fn around(mut service: Inner, foreign: Vec<Foreign>) -> Result<Inner, ()> {
    for middleware in foreign.into_iter().rev() {
        service = (middleware.0)(service).await?;
    }
    Ok(service)
}

/// Groups of layers around the service they call.
pub enum Grouped<A, B, C, S> {
    /// One stack.
    Whole(Around<Then<A, Then<B, C>>, S>),
    /// The outermost group, around the rest.
    Parted(Around<A, Inner>),
}

impl<A, B, C, S, Body> Service<ServiceRequest> for Grouped<A, B, C, S>
where
    A: Layer,
    B: Layer,
    C: Layer,
    S: Service<ServiceRequest, Response = ServiceResponse<Body>, Error = Error> + 'static,
    Body: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Outcome>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match self {
            Self::Whole(service) => service.poll_ready(cx),
            Self::Parted(service) => service.poll_ready(cx),
        }
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self {
            Self::Whole(service) => service.call(request),
            Self::Parted(service) => service.call(request),
        }
    }
}

impl<A, B, C> fmt::Debug for Groups<A, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Groups").field("parted", &self.parted.is_some()).finish_non_exhaustive()
    }
}

impl<A, B, C, S> fmt::Debug for Grouped<A, B, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Parted(_) => "Parted",
        })
    }
}
