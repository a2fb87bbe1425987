//! Which requests are traced.

use std::{fmt, sync::Arc};

use palisade_core::{Random, TraceContext, TraceState};
use tracing::Span;

use crate::Sampler;

/// The target of spans that are for traces. No line of the log shows them.
pub const TARGET: &str = "palisade_trace";

/// The name of the span of a whole request.
pub const ROOT: &str = "request";

/// Gives spans their place in distributed traces.
pub trait Tracing: Send + Sync {
    /// Makes `span` a child of `parent`, which is another process's and has noted `state`, or the root of a new trace;
    /// gives its place. `None` where the span is not recorded after all.
    fn adopt(
        &self,
        span: &Span,
        parent: Option<&TraceContext>,
        state: Option<&TraceState>,
    ) -> Option<TraceContext>;

    /// The place of a span below a root; `None` where it is not recorded.
    fn place(&self, span: &Span) -> Option<TraceContext>;

    /// Gives a span its name, where that is known late.
    fn rename(&self, span: &Span, name: String);
}

/// Decides which requests are traced. Clones decide together.
///
/// A request whose caller traces it is traced, and one whose caller does not is not (W3C Trace Context §3.2.2.5.1), so
/// that a trace has no holes. Of those without a caller's word as many are traced as the sampler picks.
#[derive(Clone)]
pub struct Tracer {
    tracing: Option<Arc<dyn Tracing>>,
    sampler: Sampler,
    heeds_callers: bool,
    random: Arc<dyn Random>,
}

/// A request's place in a trace.
pub struct Traced {
    /// What is passed on to the services that are called for its sake.
    pub context: TraceContext,
    /// The request's span; disabled where it is not traced.
    pub span: Span,
    /// Knows the places of the spans below it. Those are made where the work is done
    /// [within](crate::correlation::Correlated::new) this.
    pub tracing: Option<Arc<dyn Tracing>>,
}

impl Tracer {
    /// Traces as many as `sampler` picks.
    #[must_use]
    pub fn new(tracing: Arc<dyn Tracing>, sampler: Sampler, random: Arc<dyn Random>) -> Self {
        Self { tracing: Some(tracing), sampler, heeds_callers: true, random }
    }

    /// Traces nothing. Requests get a place in a trace all the same, by which their lines are found together.
    #[must_use]
    pub fn off(random: Arc<dyn Random>) -> Self {
        Self { tracing: None, sampler: Sampler::new(0.0), heeds_callers: true, random }
    }

    /// The same, picking by the sampler alone: where callers are strangers, whose word costs money.
    #[must_use]
    pub fn whatever_callers_do(self) -> Self {
        Self { heeds_callers: false, ..self }
    }

    /// Begins what `parent` asked for, if it said where it stands, with what it has noted. `span` makes its span.
    #[must_use]
    pub fn begin(
        &self,
        parent: Option<TraceContext>,
        state: Option<&TraceState>,
        span: impl FnOnce() -> Span,
    ) -> Traced {
        let wanted = match parent {
            Some(parent) if self.heeds_callers => parent.sampled,
            _ => self.sampler.picks(),
        };
        if let (Some(tracing), true) = (&self.tracing, wanted) {
            let span = span();
            if let Some(context) = tracing.adopt(&span, parent.as_ref(), state) {
                return Traced { context, span, tracing: Some(Arc::clone(tracing)) };
            }
        }
        // Whoever takes no part in a trace passes it on as it came.
        Traced { context: parent.unwrap_or_else(|| self.untraced()), span: Span::none(), tracing: None }
    }

    fn untraced(&self) -> TraceContext {
        TraceContext { trace_id: self.random.bytes(), parent_id: self.random.bytes(), sampled: false }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("on", &self.tracing.is_some()).finish_non_exhaustive()
    }
}
