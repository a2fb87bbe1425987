//! A layer around another, as one layer.

use actix_web::dev::ServiceRequest;

use super::{Layer, Next, Outcome};

/// A layer around another.
#[derive(Debug, Clone, Copy)]
pub struct Then<A, B> {
    pub(super) outer: A,
    pub(super) inner: B,
}

impl<A: Layer, B: Layer> Layer for Then<A, B> {
    fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> impl Future<Output = Outcome> {
        self.outer.handle(request, Rest { layer: &self.inner, next })
    }
}

/// The rest of the stack inside the outer layer.
struct Rest<'a, L, N> {
    layer: &'a L,
    next: N,
}

impl<L: Layer, N: Next> Next for Rest<'_, L, N> {
    fn call(self, request: ServiceRequest) -> impl Future<Output = Outcome> {
        self.layer.handle(request, self.next)
    }
}
