//! Tells a webhook, signed as Standard Webhooks wants it (<https://www.standardwebhooks.com>): who receives it checks
//! `webhook-signature` over `{webhook-id}.{webhook-timestamp}.{body}`, and refuses what is old.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use palisade_core::{Clock, Ids, Secret, prefix};
use palisade_resilience::{
    Breaker,
    client::{Client, Error, Request, Upstream, UpstreamOptions, header::HeaderValue},
};
use palisade_telemetry::metrics::{Declaration, Telemetry};
use serde_json::json;
use tokio::{
    sync::{Mutex, Notify, mpsc},
    task::JoinSet,
};

use super::{
    Alert, Kind,
    tally::WINDOW,
    url::{WebhookError, guard},
};
use crate::settings::Settings;

/// The name of the upstream in logs and metrics.
const UPSTREAM: &str = "alert-webhook";

palisade_telemetry::metrics! {
    /// What is measured of alerts.
    struct Metrics {
        /// Security alerts, by kind and by what became of telling them: `sent` or `failed`.
        alerts: Counter["kind", "outcome"] = "security_alerts_total",
    }
}

/// What is measured of alerts.
pub(crate) const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// What a webhook is told with.
pub(crate) struct Webhook {
    upstream: Upstream,
    url: String,
    key: Key,
    clock: Arc<dyn Clock>,
    ids: Ids,
    service: String,
    environment: &'static str,
    metrics: Metrics,
}

/// The task that tells, ended with the last handle.
#[derive(Debug)]
pub(crate) struct AlertSender {
    /// One task.
    tasks: Mutex<JoinSet<()>>,
    closing: Arc<Notify>,
    upstream: Upstream,
}

impl Webhook {
    /// A webhook at `url`. Without a secret of its own it is signed by a key that is derived from `root_secret`.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub(crate) fn new(
        url: &str,
        settings: &Settings,
        root_secret: &Secret,
        (clock, ids): (&Arc<dyn Clock>, &Ids),
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Self, WebhookError> {
        let options = UpstreamOptions { guard: guard(url)?, ..settings.upstream_options() };
        let client = Client::builder().upstream(UPSTREAM, options).clock(Arc::clone(clock));
        let client = client.telemetry(telemetry).build()?;
        let upstream = client.upstream(UPSTREAM).ok_or(WebhookError::Url)?;
        let metrics = Metrics::new(telemetry);
        for kind in Kind::ALL {
            for outcome in ["sent", "failed"] {
                metrics.alerts.at_zero([kind.name(), outcome]);
            }
        }
        Ok(Self {
            upstream,
            url: url.to_owned(),
            key: key(settings.security.alerts.alert_webhook_secret.as_ref(), root_secret),
            clock: Arc::clone(clock),
            ids: ids.clone(),
            service: settings.app.name.clone(),
            environment: settings.app.environment.as_str(),
            metrics,
        })
    }

    /// Sends each alert as it comes. Must be called on a runtime.
    pub(crate) fn start(self, mut alerts: mpsc::Receiver<Alert>) -> AlertSender {
        let (upstream, closing) = (self.upstream.clone(), Arc::<Notify>::default());
        let (heard, mut tasks) = (Arc::clone(&closing), JoinSet::new());
        tasks.spawn(async move {
            loop {
                tokio::select! {
                    alert = alerts.recv() => match alert {
                        Some(alert) => self.send(alert).await,
                        None => break,
                    },
                    () = heard.notified() => alerts.close(),
                }
            }
        });
        AlertSender { tasks: Mutex::new(tasks), closing, upstream }
    }

    async fn send(&self, alert: Alert) {
        let kind = alert.kind.name();
        let outcome = match self.try_send(alert).await {
            Ok(()) => "sent",
            Err(error) => {
                tracing::error!(kind, error = %error, "security.alert_not_sent");
                "failed"
            }
        };
        self.metrics.alerts.with([kind, outcome]).increment();
    }

    async fn try_send(&self, alert: Alert) -> Result<(), Error> {
        let (id, now) = (self.ids.uuid().to_string(), self.clock.now());
        let Alert { kind, threshold, cause } = alert;
        let body = json!({
            "type": "security.alert",
            "timestamp": now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "data": {
                "kind": kind.name(),
                "threshold": threshold,
                kind.cause(): &*cause,
                "window_seconds": WINDOW.as_secs(),
                "service": self.service,
                "environment": self.environment,
            },
        })
        .to_string();
        let stamp = now.timestamp().to_string();
        let signature = self.signature(&id, &stamp, &body);
        let mut request = Request::post(&self.url)?.body(HeaderValue::from_static("application/json"), body);
        for (name, value) in
            [("webhook-id", &id), ("webhook-timestamp", &stamp), ("webhook-signature", &signature)]
        {
            if let Ok(value) = HeaderValue::from_str(value) {
                request =
                    request.header(palisade_resilience::client::header::HeaderName::from_static(name), value);
            }
        }
        // By the id the receiver knows an alert that comes again.
        if let Ok(key) = HeaderValue::from_str(&id) {
            request = request.idempotency_key(key);
        }
        self.upstream.send(request).await?.success()?;
        Ok(())
    }

    fn signature(&self, id: &str, stamp: &str, body: &str) -> String {
        let signature = hmac::sign(&self.key, format!("{id}.{stamp}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(signature))
    }
}

impl AlertSender {
    /// The breaker before the webhook.
    pub(crate) fn breaker(&self) -> Option<&Breaker> {
        self.upstream.breaker()
    }

    /// Takes no more alerts, and waits until those that wait are told, for `limit` at most.
    pub(crate) async fn close(&self, limit: Duration) {
        self.closing.notify_one();
        let mut tasks = self.tasks.lock().await;
        let _late = tokio::time::timeout(limit, tasks.join_next()).await;
    }
}

/// `whsec_` and Base64, as Standard Webhooks writes secrets, or any text.
fn key(own: Option<&Secret>, root_secret: &Secret) -> Key {
    let Some(own) = own.map(Secret::expose) else {
        let parent = Key::new(HMAC_SHA256, root_secret.expose().as_bytes());
        return Key::new(HMAC_SHA256, hmac::sign(&parent, b"palisade alert webhook 1").as_ref());
    };
    let decoded = own.strip_prefix(prefix::WEBHOOK_SECRET).and_then(|text| BASE64_STANDARD.decode(text).ok());
    Key::new(HMAC_SHA256, &decoded.unwrap_or_else(|| own.as_bytes().to_vec()))
}
