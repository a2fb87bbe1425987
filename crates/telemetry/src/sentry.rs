//! Errors and panics to Sentry (<https://develop.sentry.dev/sdk/data-model/envelopes>).
//!
//! Every event of the level `ERROR` that the log's level lets pass becomes one of Sentry's, `critical` ones and panics
//! included. Whoever logs never waits: what is masked and laid out goes into a bounded queue, and a thread of its own sends
//! it. Of what repeats itself no more than [`MOST_A_MINUTE`] a minute are sent, so that an outage does not burn the quota.
//!
//! ```
//! use std::time::Duration;
//! use palisade_core::Secret;
//! use palisade_telemetry::{Also, mask::Masker, metrics::Off, sentry::{Sentry, SentrySettings}};
//!
//! let (masker, telemetry) = (Masker::default(), Off::shared());
//! let off = SentrySettings::default();
//! assert!(Sentry::start(&off, "production", "1.0.0", None, &masker, &telemetry)?.is_none());
//!
//! let dsn = Some(Secret::new("http://key@localhost:9/1"));
//! let settings = SentrySettings { dsn, ..SentrySettings::default() };
//! let mut also = Also::nobody();
//! also.sentry = Sentry::start(&settings, "production", "1.0.0", None, &masker, &telemetry)?;
//! // Logs::install(…, &also), and at the end:
//! also.sentry.iter().for_each(|sentry| drop(sentry.close(Duration::from_secs(3))));
//! # Ok::<(), palisade_telemetry::sentry::SentryError>(())
//! ```
//!
//! The client of the crate `sentry` is one of our own: nothing is bound to a hub, nothing is read from the environment, and
//! no proxy is asked. It sends no traces, no sessions, no breadcrumbs and nothing of the machine it runs on.

mod bursts;
mod event;
mod fields;
mod ingest;
mod layer;
mod settings;

use std::{fmt, sync::Arc, time::Duration};

use ::sentry::{Client, ClientOptions, Envelope, Transport, types::Dsn};
use palisade_core::{SystemClock, Timeline};
use tracing::Subscriber;
use tracing_subscriber::Layer;

use crate::{
    Sampler,
    export::{self, Outbox, Pace},
    mask::Masker,
    metrics::Telemetry,
};
use bursts::Bursts;
pub use bursts::MOST_A_MINUTE;
pub use settings::{SentryError, SentrySettings};

/// What is sent, as metrics and logs call it.
const SIGNAL: &str = "sentry";

/// The most events that wait; an envelope holds one (envelopes, "Event").
const PACE: Pace = Pace { capacity: 100, batch: 1, delay: Duration::from_secs(60), always: false };

/// The way to Sentry. Clones share it; when the last is gone, its thread sends what waits and ends.
#[derive(Clone)]
pub struct Sentry(Arc<Inner>);

struct Inner {
    client: Client,
    outbox: Arc<Outbox<Envelope>>,
    bursts: Bursts,
    sampler: Sampler,
    masker: Masker,
    project: String,
}

impl Sentry {
    /// Starts the thread that sends; `None` where the settings have no DSN. Each event tells `environment`, `release` and,
    /// if it is given, `server_name`. How many were lost is measured by `telemetry`, under the signal `sentry`.
    ///
    /// # Errors
    /// When the settings cannot be used, or the system gives no thread.
    pub fn start(
        settings: &SentrySettings,
        environment: &str,
        release: &str,
        server_name: Option<&str>,
        masker: &Masker,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Option<Self>, SentryError> {
        settings.check().map_err(|(_, error)| error)?;
        let Some(dsn) = settings.parsed()? else { return Ok(None) };
        let timeline = Timeline::steady(&SystemClock);
        let outbox = Outbox::start(SIGNAL, PACE, ingest::sender(&dsn, timeline.clone())?, encode)?;
        let measured = Arc::clone(&outbox);
        export::measure(telemetry, move || vec![(SIGNAL, measured.losses())]);
        let project = format!("{}/{}", dsn.host(), dsn.project_id());
        let mut options = ClientOptions::new();
        options.environment = Some(environment.to_owned().into());
        options.release = Some(release.to_owned().into());
        options.server_name = server_name.map(|name| name.to_owned().into());
        Ok(Some(Self(Arc::new(Inner {
            client: client(dsn, options, Arc::clone(&outbox)),
            outbox,
            bursts: Bursts::new(timeline),
            sampler: Sampler::new(settings.sample_rate),
            masker: masker.clone(),
            project,
        }))))
    }

    /// The layer that makes errors events of Sentry's, masked.
    pub fn layer<S: Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        layer::Errors::new(Arc::clone(&self.0))
    }

    /// Sends what waits, within `limit`, and ends the thread; whether everything is sent. What is logged later is counted
    /// as dropped.
    pub fn close(&self, limit: Duration) -> bool {
        self.0.outbox.close(limit)
    }
}

fn client(dsn: Dsn, mut options: ClientOptions, outbox: Arc<Outbox<Envelope>>) -> Client {
    options.dsn = Some(dsn);
    options.default_integrations = false;
    options.transport = Some(Arc::new(Arc::new(Post(outbox))));
    Client::with_options(options)
}

/// What the client takes for its way to the network.
struct Post(Arc<Outbox<Envelope>>);

impl Transport for Post {
    fn send_envelope(&self, envelope: Envelope) {
        self.0.push(envelope);
    }
}

fn encode(envelopes: Vec<Envelope>) -> Vec<u8> {
    let mut body = Vec::new();
    for envelope in envelopes {
        // Neither memory nor the serialisation of texts and numbers fails.
        let _ = envelope.to_writer(&mut body);
    }
    body
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.outbox.end();
    }
}

impl fmt::Debug for Sentry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sentry").field("project", &self.0.project).finish_non_exhaustive()
    }
}
