//! What a collector's answers mean.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceResponse, metrics::v1::ExportMetricsServiceResponse,
    trace::v1::ExportTraceServiceResponse,
};
use palisade_core::{Clock as _, SystemClock, retry_after};
use prost::Message as _;
use reqwest::{
    StatusCode,
    blocking::Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};

use super::{OtlpError, OtlpSettings, Signal};
use crate::export::{Again, Destination, Receiver, Sender, Sent};

/// Takes the batches of one signal.
pub(super) struct Collector(Signal);

pub(super) fn sender(settings: &OtlpSettings, signal: Signal) -> Result<Sender<Collector>, OtlpError> {
    let mut headers = settings.headers()?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    let timeout = Duration::from_millis(settings.exporter_otlp_timeout);
    let destination = Destination { url: settings.endpoint(signal)?, headers, timeout };
    Sender::new(destination, Collector(signal)).map_err(|error| OtlpError::Client(error.to_string()))
}

impl Receiver for Collector {
    const ATTEMPTS: u32 = 4;

    fn signal(&self) -> &'static str {
        self.0.name()
    }

    fn taken(&mut self, answer: Response) -> Sent {
        Sent { rejected: answer.bytes().map(|body| rejected(self.0, &body)).unwrap_or_default() }
    }

    /// OTLP specification, "Retryable Response Codes".
    fn refused(&mut self, status: StatusCode, headers: &HeaderMap) -> Again {
        let after = headers
            .get(RETRY_AFTER)
            .and_then(|after| retry_after::parse(after.to_str().ok()?, SystemClock.now()));
        match (matches!(status.as_u16(), 429 | 502 | 503 | 504), after) {
            (false, _) => Again::Never,
            (true, Some(wait)) => Again::After(wait),
            (true, None) => Again::Soon,
        }
    }
}

/// How many of a batch the collector took no part of, as it says.
fn rejected(signal: Signal, body: &[u8]) -> u64 {
    let rejected = match signal {
        Signal::Traces => ExportTraceServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_spans),
        Signal::Logs => ExportLogsServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_log_records),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_data_points),
    };
    rejected.and_then(|count| count.try_into().ok()).unwrap_or_default()
}
