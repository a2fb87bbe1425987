//! Which request a thread is working for.

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use palisade_core::RequestContext;
use tracing::Span;

use crate::tracer::Tracing;

thread_local! {
    static PRESENT: RefCell<Option<Present>> = const { RefCell::new(None) };
}

/// The request whose work a thread is doing.
#[derive(Clone)]
struct Present {
    context: RequestContext,
    /// Knows the places of spans, where the request is traced.
    tracing: Option<Arc<dyn Tracing>>,
}

/// Does `work` for the request of this context, as [`Correlated`] does what waits: for those who tell of a request when
/// its work is over.
pub fn within<T>(context: &RequestContext, work: impl FnOnce() -> T) -> T {
    let mut present = Some(Present { context: context.clone(), tracing: None });
    let _entered = Entered::new(&mut present);
    work()
}

pin_project_lite::pin_project! {
    /// Work done for a request. Every line that is logged by it names the request and its trace, without a span and
    /// without a word of whoever logs, and so does every request that it sends to another service.
    #[must_use = "futures do nothing unless polled"]
    pub struct Correlated<F> {
        #[pin]
        work: F,
        present: Option<Present>,
    }
}

impl<F: Future> Correlated<F> {
    /// `work`, done for the request of this context; `tracing` knows the places of spans, where it is traced.
    pub const fn new(work: F, context: RequestContext, tracing: Option<Arc<dyn Tracing>>) -> Self {
        Self { work, present: Some(Present { context, tracing }) }
    }
}

impl<F: Future> Future for Correlated<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::new(this.present);
        this.work.poll(cx)
    }
}

impl<F> fmt::Debug for Correlated<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = self.present.as_ref().map(|present| &present.context);
        f.debug_struct("Correlated").field("context", &context).finish_non_exhaustive()
    }
}

/// Puts a request in place for as long as it lives, in exchange for the one before, which costs two moves and no count of
/// anything. It ends in the middle of a panic too.
struct Entered<'a>(&'a mut Option<Present>);

impl<'a> Entered<'a> {
    fn new(present: &'a mut Option<Present>) -> Self {
        exchange(present);
        Self(present)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        exchange(self.0);
    }
}

fn exchange(mine: &mut Option<Present>) {
    // Nothing is polled at a thread's end, nor while the present request is looked at.
    let _ = PRESENT.try_with(|present| {
        if let Ok(mut present) = present.try_borrow_mut() {
            mem::swap(&mut *present, mine);
        }
    });
}

/// The context of the request for which this thread is working, if it is working for one.
#[must_use]
pub fn present() -> Option<RequestContext> {
    look().map(|present| present.context)
}

/// The context that goes along with what `span` sends to another service: the request's, and as its place in the trace
/// that of the span.
#[must_use]
pub fn outgoing(span: &Span) -> Option<RequestContext> {
    let Present { mut context, tracing } = look()?;
    if let Some(place) = tracing.and_then(|tracing| tracing.place(span)) {
        context.trace = Some(place);
    }
    Some(context)
}

/// Whether the request for which this thread is working is traced. It costs a look at one place of the thread's.
#[must_use]
pub fn is_traced() -> bool {
    let is_traced = |present: &RefCell<Option<Present>>| {
        present.try_borrow().is_ok_and(|present| present.as_ref().is_some_and(|at| at.tracing.is_some()))
    };
    PRESENT.try_with(is_traced).unwrap_or_default()
}

fn look() -> Option<Present> {
    PRESENT.try_with(|present| present.try_borrow().ok()?.clone()).ok().flatten()
}
