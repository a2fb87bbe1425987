//! Requests to the collector.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceResponse, metrics::v1::ExportMetricsServiceResponse,
    trace::v1::ExportTraceServiceResponse,
};
use prost::Message as _;
use reqwest::{
    StatusCode, Url,
    blocking::Client,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};

use super::{OtlpError, OtlpSettings, Signal};

/// How often a batch is sent, and how long is waited in between: first so long, then each time twice as long (OTLP
/// specification, "Retryable Response Codes").
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a collector can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Sends the batches of one signal, and tells of a loss once.
pub(super) struct Sender {
    client: Client,
    url: Url,
    signal: Signal,
    failing: bool,
}

/// What the collector took.
pub(super) struct Sent {
    /// How many of the batch it refused.
    pub(super) rejected: u64,
}

/// Why a batch was not sent.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the collector cannot be reached: {0}")]
    Unreachable(String),
    #[error("the collector answers {0}")]
    Status(StatusCode),
}

impl Sender {
    pub(super) fn new(settings: &OtlpSettings, signal: Signal) -> Result<Self, OtlpError> {
        let headers: HeaderMap = settings.headers()?;
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_millis(settings.exporter_otlp_timeout))
            .default_headers(headers)
            .build()
            .map_err(|error| OtlpError::Client(error.to_string()))?;
        Ok(Self { client, url: settings.endpoint(signal)?, signal, failing: false })
    }

    /// Sends a batch, again if the collector asks for that, and for no longer than `wait` has patience.
    pub(super) fn send(&mut self, body: Vec<u8>, wait: impl Fn(Duration) -> bool) -> Result<Sent, ()> {
        let mut pause = FIRST_WAIT;
        for attempt in 1.. {
            let (failure, asked) = match self.attempt(body.clone()) {
                Ok(sent) => {
                    self.succeeded();
                    return Ok(sent);
                }
                Err(failed) => failed,
            };
            let is_final = asked == Again::Never || attempt == ATTEMPTS;
            self.failed(&failure);
            let pause_now = if let Again::After(asked) = asked { asked.min(LONGEST_WAIT) } else { pause };
            if is_final || !wait(pause_now) {
                return Err(());
            }
            pause *= 2;
        }
        Err(())
    }

    fn attempt(&self, body: Vec<u8>) -> Result<Sent, (Failure, Again)> {
        let request =
            self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/x-protobuf").body(body);
        let answer = request
            .send()
            .map_err(|error| (Failure::Unreachable(chain(&error.without_url())), Again::Soon))?;
        let status = answer.status();
        if status.is_success() {
            let rejected = answer.bytes().map(|body| rejected(self.signal, &body)).unwrap_or_default();
            return Ok(Sent { rejected });
        }
        let is_retryable = matches!(status.as_u16(), 429 | 502 | 503 | 504);
        let after = answer.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        let again = match (is_retryable, after) {
            (false, _) => Again::Never,
            (true, Some(seconds)) => Again::After(Duration::from_secs(seconds)),
            (true, None) => Again::Soon,
        };
        Err((Failure::Status(status), again))
    }

    fn failed(&mut self, failure: &Failure) {
        if !self.failing {
            self.failing = true;
            let origin = self.url.origin().ascii_serialization();
            tracing::warn!(signal = self.signal.name(), collector = origin, error = %failure, "telemetry.export_failed");
        }
    }

    fn succeeded(&mut self) {
        if self.failing {
            self.failing = false;
            tracing::info!(signal = self.signal.name(), "telemetry.export_recovered");
        }
    }
}

/// Whether an attempt is worth being made again.
#[derive(PartialEq)]
enum Again {
    Never,
    Soon,
    After(Duration),
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

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
