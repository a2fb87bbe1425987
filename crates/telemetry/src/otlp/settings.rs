//! The section `otel`: the standard names of OpenTelemetry
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables>).

use std::{io, sync::Arc, time::Duration};

use palisade_core::{Random, Secret};
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Sampler, Tracer, export::Pace, tracer::Tracing};

/// The export to an OpenTelemetry collector, under the names of its specification; times are milliseconds. It is on where
/// `TELEMETRY_MODE` names `otlp`, and elsewhere the variables are not looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-env-standard" = {"of": "OpenTelemetry", "when": {"telemetry.mode": "otlp"}}))]
pub struct OtlpSettings {
    /// Turns the export off, whatever else is set.
    pub sdk_disabled: bool,
    /// Where the collector is; the paths `/v1/traces`, `/v1/metrics` and `/v1/logs` are added.
    #[schemars(extend("x-env-form" = "http_url"))]
    pub exporter_otlp_endpoint: String,
    /// Where traces go, whole, if not to the endpoint above.
    #[schemars(extend("x-env-form" = "http_url"))]
    pub exporter_otlp_traces_endpoint: Option<String>,
    /// Where metrics go, whole.
    #[schemars(extend("x-env-form" = "http_url"))]
    pub exporter_otlp_metrics_endpoint: Option<String>,
    /// Where logs go, whole.
    #[schemars(extend("x-env-form" = "http_url"))]
    pub exporter_otlp_logs_endpoint: Option<String>,
    /// Headers of each request: `name=value`, several by comma, values percent-encoded.
    #[schemars(extend("x-env-form" = "pairs"))]
    pub exporter_otlp_headers: Option<Secret>,
    /// How long a request may take.
    #[schemars(range(min = 1))]
    pub exporter_otlp_timeout: u64,
    /// The form of requests.
    pub exporter_otlp_protocol: Protocol,
    /// Whether traces are sent.
    #[schemars(extend("x-env-else" = "none"))]
    pub traces_exporter: Exporter,
    /// Whether metrics are sent.
    #[schemars(extend("x-env-else" = "none"))]
    pub metrics_exporter: Exporter,
    /// Whether logs are sent.
    #[schemars(extend("x-env-else" = "none"))]
    pub logs_exporter: Exporter,
    /// The name under which the service is found; else that of the settings.
    pub service_name: Option<String>,
    /// What else is said of it: `name=value`, several by comma, values percent-encoded.
    pub resource_attributes: Option<String>,
    /// Which requests are traced. Unset: those that their callers trace, and `TELEMETRY_SAMPLE_RATE` of the others.
    pub traces_sampler: Option<Sampling>,
    /// The share that the sampler of a ratio picks, in place of `TELEMETRY_SAMPLE_RATE`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub traces_sampler_arg: Option<f64>,
    /// The most spans that wait to be sent; more are dropped and counted.
    #[schemars(range(min = 1))]
    pub bsp_max_queue_size: usize,
    /// The most spans in one request.
    #[schemars(range(min = 1))]
    pub bsp_max_export_batch_size: usize,
    /// How long spans wait at most.
    #[schemars(range(min = 1))]
    pub bsp_schedule_delay: u64,
    /// The most log records that wait to be sent; more are dropped and counted.
    #[schemars(range(min = 1))]
    pub blrp_max_queue_size: usize,
    /// The most log records in one request.
    #[schemars(range(min = 1))]
    pub blrp_max_export_batch_size: usize,
    /// How long log records wait at most.
    #[schemars(range(min = 1))]
    pub blrp_schedule_delay: u64,
    /// How often metrics are sent.
    #[schemars(range(min = 1))]
    pub metric_export_interval: u64,
}

/// The form of requests to the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Protocol {
    /// Protobuf over HTTP/1.1.
    #[default]
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
}

/// Whether a signal is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exporter {
    /// To the collector.
    #[default]
    Otlp,
    /// Not at all.
    None,
}

/// Which requests are traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// A share, whatever their callers do.
    #[serde(rename = "traceidratio")]
    Ratio,
    /// Those that their callers trace, and all others that have no caller's word.
    #[serde(rename = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// Those that their callers trace.
    #[serde(rename = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// Those that their callers trace, and a share of the others.
    #[serde(rename = "parentbased_traceidratio")]
    ParentBasedRatio,
}

/// One of the three kinds of what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Values of metrics.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    /// Its name in settings, paths and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// Why the export does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// An address is none.
    #[error("`{0}` is no http or https address")]
    Endpoint(String),
    /// The headers are not `name=value`, by comma.
    #[error("the headers must be `name=value`, several by comma")]
    Headers,
    /// The HTTP client does not start.
    #[error("the HTTP client does not start: {0}")]
    Client(String),
    /// The operating system gives no thread.
    #[error("no thread to send with")]
    Thread(#[from] io::Error),
}

impl OtlpSettings {
    /// Whether what the settings say can be used; the name of the one that cannot, with the reason.
    ///
    /// # Errors
    /// The first problem.
    pub fn check(&self) -> Result<(), (&'static str, OtlpError)> {
        let endpoints = [
            ("exporter_otlp_endpoint", Some(&self.exporter_otlp_endpoint)),
            ("exporter_otlp_traces_endpoint", self.exporter_otlp_traces_endpoint.as_ref()),
            ("exporter_otlp_metrics_endpoint", self.exporter_otlp_metrics_endpoint.as_ref()),
            ("exporter_otlp_logs_endpoint", self.exporter_otlp_logs_endpoint.as_ref()),
        ];
        for (key, endpoint) in endpoints {
            if let Some(endpoint) = endpoint {
                parse(endpoint).map_err(|error| (key, error))?;
            }
        }
        self.headers().map_err(|error| ("exporter_otlp_headers", error))?;
        Ok(())
    }

    pub(super) fn sends(&self, signal: Signal) -> bool {
        let exporter = match signal {
            Signal::Traces => self.traces_exporter,
            Signal::Metrics => self.metrics_exporter,
            Signal::Logs => self.logs_exporter,
        };
        !self.sdk_disabled && exporter == Exporter::Otlp
    }

    pub(super) fn endpoint(&self, signal: Signal) -> Result<Url, OtlpError> {
        let own = match signal {
            Signal::Traces => &self.exporter_otlp_traces_endpoint,
            Signal::Metrics => &self.exporter_otlp_metrics_endpoint,
            Signal::Logs => &self.exporter_otlp_logs_endpoint,
        };
        match own {
            Some(own) => parse(own),
            None => {
                let base = self.exporter_otlp_endpoint.trim_end_matches('/');
                parse(&format!("{base}/v1/{}", signal.name()))
            }
        }
    }

    pub(super) fn headers(&self) -> Result<HeaderMap, OtlpError> {
        let given = self.exporter_otlp_headers.as_ref().map(Secret::expose).unwrap_or_default();
        let mut headers = HeaderMap::new();
        for (name, value) in pairs(given).ok_or(OtlpError::Headers)? {
            let name = HeaderName::try_from(name).map_err(|_| OtlpError::Headers)?;
            let mut value = HeaderValue::try_from(value).map_err(|_| OtlpError::Headers)?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(headers)
    }

    /// What is said of the service; what is not of the form is left out, as the specification wants it.
    pub(super) fn attributes(&self) -> Vec<(String, String)> {
        self.resource_attributes.as_deref().and_then(pairs).unwrap_or_default()
    }

    pub(super) fn tracer(&self, tracing: Arc<dyn Tracing>, rate: f64, random: Arc<dyn Random>) -> Tracer {
        let share = self.traces_sampler_arg.unwrap_or(rate);
        let (rate, heeds_callers) = match self.traces_sampler {
            None => (rate, true),
            Some(Sampling::AlwaysOn) => (1.0, false),
            Some(Sampling::AlwaysOff) => (0.0, false),
            Some(Sampling::Ratio) => (share, false),
            Some(Sampling::ParentBasedAlwaysOn) => (1.0, true),
            Some(Sampling::ParentBasedAlwaysOff) => (0.0, true),
            Some(Sampling::ParentBasedRatio) => (share, true),
        };
        let tracer = Tracer::new(tracing, Sampler::new(rate), random);
        if heeds_callers { tracer } else { tracer.whatever_callers_do() }
    }

    pub(super) const fn span_pace(&self) -> Pace {
        Pace {
            capacity: self.bsp_max_queue_size,
            batch: self.bsp_max_export_batch_size,
            delay: Duration::from_millis(self.bsp_schedule_delay),
            always: false,
        }
    }

    pub(super) const fn log_pace(&self) -> Pace {
        Pace {
            capacity: self.blrp_max_queue_size,
            batch: self.blrp_max_export_batch_size,
            delay: Duration::from_millis(self.blrp_schedule_delay),
            always: false,
        }
    }
}

fn parse(endpoint: &str) -> Result<Url, OtlpError> {
    let url =
        Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| OtlpError::Endpoint(endpoint.to_owned()))
}

/// `name=value`, several by comma; the values percent-decoded (W3C Baggage §3.3).
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
            Some((name.trim().to_owned(), value.into_owned()))
        })
        .collect()
}

impl Default for OtlpSettings {
    fn default() -> Self {
        Self {
            sdk_disabled: false,
            exporter_otlp_endpoint: "http://localhost:4318".to_owned(),
            exporter_otlp_traces_endpoint: None,
            exporter_otlp_metrics_endpoint: None,
            exporter_otlp_logs_endpoint: None,
            exporter_otlp_headers: None,
            exporter_otlp_timeout: 10_000,
            exporter_otlp_protocol: Protocol::HttpProtobuf,
            traces_exporter: Exporter::Otlp,
            metrics_exporter: Exporter::Otlp,
            logs_exporter: Exporter::Otlp,
            service_name: None,
            resource_attributes: None,
            traces_sampler: None,
            traces_sampler_arg: None,
            bsp_max_queue_size: 2_048,
            bsp_max_export_batch_size: 512,
            bsp_schedule_delay: 5_000,
            blrp_max_queue_size: 2_048,
            blrp_max_export_batch_size: 512,
            blrp_schedule_delay: 1_000,
            metric_export_interval: 60_000,
        }
    }
}
