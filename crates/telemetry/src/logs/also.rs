//! Who receives what is logged besides the lines.

use tracing::{
    Subscriber,
    subscriber::{SetGlobalDefaultError, set_global_default},
};
use tracing_subscriber::{Layer, Registry, layer::SubscriberExt as _, registry::LookupSpan};

#[cfg(feature = "otlp")]
use crate::otlp::Otlp;
#[cfg(feature = "sentry")]
use crate::sentry::Sentry;

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

    /// Has this program's events received by `lines`, and its spans by whoever wants them, behind a filter of its own.
    ///
    /// A layer that is `None` would be no layer at all, but each event and span that the lines do not want would be made all
    /// the same (`tracing-subscriber`: `Option` as a layer).
    pub(super) fn install(
        &self,
        lines: impl Layer<Registry> + Send + Sync,
    ) -> Result<(), SetGlobalDefaultError> {
        let subscriber = tracing_subscriber::registry().with(lines);
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.otlp.as_ref().and_then(Otlp::traces) {
            return set_global_default(subscriber.with(traces));
        }
        set_global_default(subscriber)
    }
}
