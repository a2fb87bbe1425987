//! Spans.

use std::sync::Arc;

use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId, Value,
    trace::{SpanContext, Status, TraceContextExt as _, TraceState},
};
use opentelemetry_proto::{
    tonic::{collector::trace::v1::ExportTraceServiceRequest, resource::v1::Resource},
    transform::{
        common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Sampler, SdkTracer, SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor},
};
use palisade_core::TraceContext;
use prost::Message as _;
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::{OtlpError, OtlpSettings, Signal, collector};
use crate::{
    export::Outbox,
    mask::Masker,
    tracer::{TARGET, Tracing},
};

pub(super) fn outbox(
    settings: &OtlpSettings,
    resource: &Resource,
    masker: &Masker,
) -> Result<Arc<Outbox<SpanData>>, OtlpError> {
    let sender = collector::sender(settings, Signal::Traces)?;
    let (resource, masker) = (resource.clone(), masker.clone());
    let encode = move |batch: Vec<SpanData>| {
        let batch = batch.into_iter().map(|span| masked(span, &masker)).collect();
        let mut resource_spans =
            group_spans_by_resource_and_scope(batch, &ResourceAttributesWithSchema::default());
        for spans in &mut resource_spans {
            spans.resource = Some(resource.clone());
        }
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    };
    Ok(Outbox::start("otlp-traces", settings.span_pace(), sender, encode)?)
}

pub(super) fn provider(outbox: &Arc<Outbox<SpanData>>) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_span_processor(Queued(Arc::clone(outbox)))
        .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
        // What comes so far has been picked.
        .with_sampler(Sampler::AlwaysOn)
        .build()
}

/// Spans of the target.
pub(super) fn layer<S>(tracer: SdkTracer) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let wanted = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target() == TARGET;
    OpenTelemetryLayer::new(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(wanted).with_max_level_hint(LevelFilter::INFO))
}

/// Gives root spans their place.
pub(super) struct Adopting;

impl Tracing for Adopting {
    fn adopt(
        &self,
        span: &tracing::Span,
        parent: Option<&TraceContext>,
        state: Option<&palisade_core::TraceState>,
    ) -> Option<TraceContext> {
        if let Some(parent) = parent {
            let state = state.and_then(|state| state.as_str().parse::<TraceState>().ok());
            let remote = SpanContext::new(
                TraceId::from_bytes(parent.trace_id),
                SpanId::from_bytes(parent.parent_id),
                TraceFlags::SAMPLED,
                true,
                state.unwrap_or_default(),
            );
            span.set_parent(Context::new().with_remote_span_context(remote)).ok()?;
        }
        self.place(span)
    }

    fn place(&self, span: &tracing::Span) -> Option<TraceContext> {
        let context = span.context();
        let span = context.span();
        let place = span.span_context();
        place.is_valid().then(|| TraceContext {
            trace_id: place.trace_id().to_bytes(),
            parent_id: place.span_id().to_bytes(),
            sampled: place.is_sampled(),
        })
    }

    fn rename(&self, span: &tracing::Span, name: String) {
        span.context().span().update_name(name);
    }
}

/// Puts ended spans into the outbox.
struct Queued(Arc<Outbox<SpanData>>);

impl SpanProcessor for Queued {
    fn on_start(&self, _span: &mut SdkSpan, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queued")
    }
}

/// The span without personal data: done by the thread that sends, not by the one that answers a request.
fn masked(mut span: SpanData, masker: &Masker) -> SpanData {
    span.name = masker.text(&span.name).into_owned().into();
    let attributes = span.attributes.iter_mut();
    let of_events = span.events.events.iter_mut().flat_map(|event| event.attributes.iter_mut());
    for attribute in attributes.chain(of_events) {
        if let Value::String(text) = &attribute.value {
            let masked = masker.value(attribute.key.as_str(), text.as_str()).into_owned();
            attribute.value = Value::from(masked);
        }
    }
    if let Status::Error { description } = &span.status {
        span.status = Status::error(masker.text(description).into_owned());
    }
    span
}
