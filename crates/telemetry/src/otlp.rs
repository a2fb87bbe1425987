//! Traces, logs and metrics to an OpenTelemetry collector, by OTLP over HTTP with protobuf
//! (<https://opentelemetry.io/docs/specs/otlp>).
//!
//! Each signal has a bounded queue and a thread of its own. Whoever measures never waits: when the collector is slow or
//! gone, the queue fills and what comes then is counted as dropped. That it is gone is told once, and once that it is
//! back.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use palisade_telemetry::{mask::Masker, metrics::{Registry, Telemetry}, otlp::{Otlp, OtlpSettings}};
//!
//! let settings = OtlpSettings::default();
//! let registry = Arc::new(Registry::new());
//! let telemetry: Arc<dyn Telemetry> = registry.clone();
//! let otlp = Otlp::start(&settings, "my-service", "1.0.0", &Masker::default(), &telemetry)?;
//! otlp.export_metrics(registry)?;
//! # otlp.close(Duration::ZERO);
//! # Ok::<(), palisade_telemetry::otlp::OtlpError>(())
//! ```

mod collector;
mod convert;
mod logs;
mod metrics;
mod settings;
mod spans;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{
    Tracer,
    export::{self, Losses, Outbox},
    mask::Masker,
    metrics::{Registry, Telemetry},
};
pub use settings::{OtlpError, OtlpSettings, Sampling, Signal};

/// The export to a collector.
#[derive(Clone)]
pub struct Otlp(Arc<Inner>);

struct Inner {
    settings: OtlpSettings,
    resource: Resource,
    provider: Option<SdkTracerProvider>,
    traces: Option<Arc<Outbox<opentelemetry_sdk::trace::SpanData>>>,
    logs: Option<Arc<Outbox<opentelemetry_proto::tonic::logs::v1::LogRecord>>>,
    metrics: Mutex<Option<Arc<Outbox<()>>>>,
    masker: Masker,
}

impl Otlp {
    /// Starts the threads that send traces and logs as the settings say; `service` is the name under which the program
    /// is found where they name none. What the export loses is measured by `telemetry`.
    ///
    /// # Errors
    /// When an address or the headers cannot be used, or the system gives no thread.
    pub fn start(
        settings: &OtlpSettings,
        service: &str,
        version: &str,
        masker: &Masker,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Self, OtlpError> {
        let resource = convert::resource(settings, service, version);
        let traces = match settings.sends(Signal::Traces) {
            true => Some(spans::outbox(settings, &resource, masker)?),
            false => None,
        };
        let logs = match settings.sends(Signal::Logs) {
            true => Some(logs::outbox(settings, &resource)?),
            false => None,
        };
        let otlp = Self(Arc::new(Inner {
            provider: traces.as_ref().map(spans::provider),
            settings: settings.clone(),
            resource,
            traces,
            logs,
            metrics: Mutex::default(),
            masker: masker.clone(),
        }));
        let measured = otlp.clone();
        export::measure(telemetry, move || measured.losses());
        Ok(otlp)
    }

    /// Starts the thread that sends what `registry` holds, and sends how the export itself is doing along with it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn export_metrics(&self, registry: Arc<Registry>) -> Result<(), OtlpError> {
        let inner = &self.0;
        if inner.settings.sends(Signal::Metrics) {
            let outbox = metrics::outbox(&inner.settings, &inner.resource, registry)?;
            *inner.metrics.lock().unwrap_or_else(PoisonError::into_inner) = Some(outbox);
        }
        Ok(())
    }

    /// The layer that makes spans of the target [`tracer::TARGET`](crate::tracer::TARGET) spans of traces, where those are
    /// sent.
    pub fn traces<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        self.0.provider.as_ref().map(|provider| spans::layer(provider.tracer("palisade")))
    }

    /// The layer that makes events log records, masked.
    pub fn logs<S: Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        self.0.logs.as_ref().map(|logs| logs::Records::new(Arc::clone(logs), self.0.masker.clone()))
    }

    /// What decides which requests are traced: those the settings say, or else `rate` of those whose caller says
    /// nothing.
    #[must_use]
    pub fn tracer(&self, rate: f64, random: Arc<dyn palisade_core::Random>) -> Tracer {
        match self.0.traces {
            Some(_) => self.0.settings.tracer(Arc::new(spans::Adopting), rate, random),
            None => Tracer::off(random),
        }
    }

    fn losses(&self) -> Vec<(&'static str, Losses)> {
        let inner = &self.0;
        let metrics = inner.metrics.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let losses = [
            (Signal::Traces, inner.traces.as_ref().map(|outbox| outbox.losses())),
            (Signal::Logs, inner.logs.as_ref().map(|outbox| outbox.losses())),
            (Signal::Metrics, metrics.map(|outbox| outbox.losses())),
        ];
        losses.into_iter().filter_map(|(signal, losses)| Some((signal.name(), losses?))).collect()
    }

    /// Sends what waits, within `limit`, and ends the threads; whether everything is sent.
    pub fn close(&self, limit: Duration) -> bool {
        let inner = &self.0;
        let metrics = inner.metrics.lock().unwrap_or_else(PoisonError::into_inner).take();
        let deadline = std::time::Instant::now() + limit;
        // All at once, so that one that hangs takes no time from the others.
        inner.traces.iter().for_each(|outbox| outbox.end());
        inner.logs.iter().for_each(|outbox| outbox.end());
        metrics.iter().for_each(|outbox| outbox.end());
        let ended = [
            inner.traces.as_ref().is_none_or(|outbox| outbox.ended(deadline)),
            inner.logs.as_ref().is_none_or(|outbox| outbox.ended(deadline)),
            metrics.is_none_or(|outbox| outbox.ended(deadline)),
        ];
        ended.into_iter().all(|ended| ended)
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp")
            .field("endpoint", &self.0.settings.exporter_otlp_endpoint)
            .finish_non_exhaustive()
    }
}
