//! Who receives what is logged besides the lines.

use tracing::Subscriber;
use tracing_subscriber::{
    Layer, Registry, filter::Filtered, layer::SubscriberExt as _, registry::LookupSpan,
};

#[cfg(feature = "sentry")]
use crate::sentry::Sentry;
#[cfg(feature = "otlp")]
use {crate::otlp::Otlp, tracing_subscriber::layer::Layered};

/// Who receives what is logged besides the lines: as a rule nobody.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Also {
    /// A collector, which gets events as log records and spans as traces.
    #[cfg(feature = "otlp")]
    pub otlp: Option<Otlp>,
    /// Sentry, which gets errors and panics.
    #[cfg(feature = "sentry")]
    pub sentry: Option<Sentry>,
}

impl Also {
    /// Nobody else.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Whoever receives events, behind the filter of the lines.
    pub(super) fn events<S, L>(&self, lines: L) -> impl Layer<S> + Send + Sync + use<S, L>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        L: Layer<S> + Send + Sync,
    {
        #[cfg(feature = "otlp")]
        let lines = lines.and_then(self.otlp.as_ref().map(Otlp::logs::<S>));
        #[cfg(feature = "sentry")]
        let lines = lines.and_then(self.sentry.as_ref().map(Sentry::layer::<S>));
        lines
    }

    /// Whoever receives spans, beside the lines and behind a filter of its own.
    pub(super) fn spans<L, F>(
        &self,
        lines: Filtered<L, F, Registry>,
    ) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<L, F>
    where
        Filtered<L, F, Registry>: Layer<Registry> + Send + Sync,
        L: Send + Sync + 'static,
        F: Send + Sync + 'static,
    {
        let subscriber = tracing_subscriber::registry().with(lines);
        #[cfg(feature = "otlp")]
        let subscriber = subscriber
            .with(self.otlp.as_ref().map(Otlp::traces::<Layered<Filtered<L, F, Registry>, Registry>>));
        subscriber
    }
}
