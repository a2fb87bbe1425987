//! Requests to a receiver.

use std::time::Duration;

use reqwest::{
    StatusCode, Url,
    blocking::{Client, Response},
    header::HeaderMap,
};

use crate::logs::Chain;

/// How long is waited before an attempt is made again: first so long, then each time twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a receiver can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Who takes what is sent, and what its answers mean.
pub(crate) trait Receiver: Send + 'static {
    /// How often a batch is sent at most.
    const ATTEMPTS: u32;

    /// What is sent, as it is called in logs and metrics.
    fn signal(&self) -> &'static str;

    /// Whether it wants nothing for now.
    fn is_closed(&self) -> bool {
        false
    }

    /// How much of a batch is kept, by an answer of success.
    fn taken(&mut self, answer: Response) -> Sent;

    /// Whether a batch is worth being sent again after an answer that is none of success.
    fn refused(&mut self, status: StatusCode, headers: &HeaderMap) -> Again;
}

/// Where requests go, and what is the same in all of them.
pub(crate) struct Destination {
    /// Where they go.
    pub(crate) url: Url,
    /// Headers of each.
    pub(crate) headers: HeaderMap,
    /// How long one may take.
    pub(crate) timeout: Duration,
}

/// What the receiver took.
pub(crate) struct Sent {
    /// How many of the batch it refused.
    pub(crate) rejected: u64,
}

/// Why a batch was not taken.
pub(crate) enum Unsent {
    /// It was sent in vain.
    Failed,
    /// It was not even sent, because the receiver wants nothing for now.
    HeldBack,
}

/// Whether an attempt is worth being made again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Never,
    Soon,
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "Sentry's pauses are not waited for"))]
    After(Duration),
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("it answers {0}")]
    Status(StatusCode),
}

/// Sends batches to one receiver, and tells of a loss once.
pub(crate) struct Sender<R> {
    client: Client,
    url: Url,
    receiver: R,
    failing: bool,
}

impl<R: Receiver> Sender<R> {
    /// # Errors
    /// When the HTTP client does not start.
    pub(crate) fn new(destination: Destination, receiver: R) -> Result<Self, reqwest::Error> {
        let Destination { url, headers, timeout } = destination;
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .default_headers(headers)
            .build()?;
        Ok(Self { client, url, receiver, failing: false })
    }

    /// Sends a batch, again if that is worth it, and for no longer than `wait` has patience.
    pub(super) fn send(&mut self, body: Vec<u8>, wait: impl Fn(Duration) -> bool) -> Result<Sent, Unsent> {
        if self.receiver.is_closed() {
            return Err(Unsent::HeldBack);
        }
        let mut pause = FIRST_WAIT;
        for attempt in 1.. {
            let (failure, again) = match self.attempt(body.clone()) {
                Ok(sent) => {
                    self.succeeded();
                    return Ok(sent);
                }
                Err(failed) => failed,
            };
            let is_final = again == Again::Never || attempt == R::ATTEMPTS;
            self.failed(&failure);
            let pause_now = if let Again::After(asked) = again { asked.min(LONGEST_WAIT) } else { pause };
            if is_final || !wait(pause_now) {
                break;
            }
            pause *= 2;
        }
        Err(Unsent::Failed)
    }

    fn attempt(&mut self, body: Vec<u8>) -> Result<Sent, (Failure, Again)> {
        let answer = self.client.post(self.url.clone()).body(body).send();
        let answer = answer
            .map_err(|error| (Failure::Unreachable(Chain(&error.without_url()).to_string()), Again::Soon))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(self.receiver.taken(answer));
        }
        let again = self.receiver.refused(status, answer.headers());
        Err((Failure::Status(status), again))
    }

    fn failed(&mut self, failure: &Failure) {
        if !self.failing {
            self.failing = true;
            let origin = self.url.origin().ascii_serialization();
            tracing::warn!(signal = self.receiver.signal(), collector = origin, error = %failure, "telemetry.export_failed");
        }
    }

    fn succeeded(&mut self) {
        if self.failing {
            self.failing = false;
            tracing::info!(signal = self.receiver.signal(), "telemetry.export_recovered");
        }
    }
}
