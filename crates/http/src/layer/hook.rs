//! Layers that never wait.

use std::future::{Future, ready};

use actix_web::{
    HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
};
use futures_util::{FutureExt as _, future::Either};

use super::{Layer, Next, Outcome, refused};
use crate::Rejection;

/// A layer that never waits: it looks at the request before the rest of the stack, and at the response after it.
///
/// Several hooks together ([`hooks!`](crate::hooks)) are one hook, and cost what their work costs: nothing is kept for
/// them while the rest answers but what they ask for. `Option` of a hook is a hook that may be off.
///
/// ```
/// use std::time::Instant;
/// use actix_web::dev::ServiceRequest;
/// use palisade_http::{Layer, layer::{EarlyResponse, Hook, Outcome}};
///
/// struct Slow;
///
/// impl Hook for Slow {
///     type Kept<'a> = Instant;
///
///     fn before(&self, _request: &mut ServiceRequest) -> Result<Instant, EarlyResponse> {
///         Ok(Instant::now())
///     }
///
///     fn after(&self, start: Instant, outcome: Outcome) -> Outcome {
///         if start.elapsed().as_secs() > 1 {
///             tracing::warn!("that was slow");
///         }
///         outcome
///     }
/// }
///
/// let app = actix_web::App::new().wrap(Slow.layered());
/// # let _ = app;
/// ```
pub trait Hook: 'static {
    /// What is kept while the rest answers. It is dropped where the request is given up.
    type Kept<'a>
    where
        Self: 'a;

    /// Looks at the request.
    ///
    /// # Errors
    /// A response instead of passing the request on ([`reject_early`], [`respond_early`]).
    fn before(&self, request: &mut ServiceRequest) -> Result<Self::Kept<'_>, EarlyResponse>;

    /// Looks at the answer of the rest, and passes it on.
    ///
    /// # Errors
    /// Those of foreign middleware.
    fn after(&self, kept: Self::Kept<'_>, outcome: Outcome) -> Outcome {
        drop(kept);
        outcome
    }
}

/// The response of a hook that does not pass the request on. Boxed, so that other requests do not carry its size.
pub type EarlyResponse = Box<Outcome>;

/// Rejects a request with an error.
pub fn reject_early(request: &ServiceRequest, error: impl Into<Rejection>) -> EarlyResponse {
    respond_early(request, refused(request.request(), error.into()))
}

/// Answers a request with a response of the hook's own.
#[must_use]
pub fn respond_early(request: &ServiceRequest, response: HttpResponse) -> EarlyResponse {
    Box::new(Ok(ServiceResponse::new(request.request().clone(), response)))
}

/// A hook made of several, the outermost first.
#[macro_export]
macro_rules! hooks {
    ($only:expr $(,)?) => { $only };
    ($outer:expr, $($inner:expr),+ $(,)?) => {
        $crate::layer::Hooks::new($outer, $crate::hooks![$($inner),+])
    };
}

/// A hook around another.
#[derive(Debug, Clone, Copy)]
pub struct Hooks<A, B> {
    outer: A,
    inner: B,
}

impl<A: Hook, B: Hook> Hooks<A, B> {
    /// `outer` around `inner`. For more than two there is [`hooks!`](crate::hooks).
    pub const fn new(outer: A, inner: B) -> Self {
        Self { outer, inner }
    }
}

impl<A: Hook, B: Hook> Hook for Hooks<A, B> {
    type Kept<'a> = (A::Kept<'a>, B::Kept<'a>);

    fn before(&self, request: &mut ServiceRequest) -> Result<Self::Kept<'_>, EarlyResponse> {
        let outer = self.outer.before(request)?;
        match self.inner.before(request) {
            Ok(inner) => Ok((outer, inner)),
            Err(response) => Err(Box::new(self.outer.after(outer, *response))),
        }
    }

    fn after(&self, (outer, inner): Self::Kept<'_>, outcome: Outcome) -> Outcome {
        self.outer.after(outer, self.inner.after(inner, outcome))
    }
}

impl<H: Hook> Hook for Option<H> {
    type Kept<'a> = Option<H::Kept<'a>>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Self::Kept<'_>, EarlyResponse> {
        self.as_ref().map(|hook| hook.before(request)).transpose()
    }

    fn after(&self, kept: Self::Kept<'_>, outcome: Outcome) -> Outcome {
        match self.as_ref().zip(kept) {
            Some((hook, kept)) => hook.after(kept, outcome),
            None => outcome,
        }
    }
}

impl<H: Hook> Layer for H {
    fn handle<N: Next>(&self, mut request: ServiceRequest, next: N) -> impl Future<Output = Outcome> {
        match self.before(&mut request) {
            Ok(kept) => Either::Left(next.call(request).map(|outcome| self.after(kept, outcome))),
            Err(response) => Either::Right(ready(*response)),
        }
    }
}
