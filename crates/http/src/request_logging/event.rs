//! The two events of an exchange.

use std::{rc::Rc, time::Instant};

use palisade_telemetry::Masker;
use tracing::Level;

use super::capture::Capture;
use crate::{
    Rejection,
    logged::millis,
    snapshot::RequestSnapshot,
    tee::{Ending, Told},
};

/// Whether anybody listens.
pub(super) fn is_heard() -> bool {
    tracing::enabled!(target: "http.exchange", Level::INFO)
}

/// What both events tell of the request, and what they are masked by.
pub(super) struct Common {
    pub(super) masker: Masker,
    pub(super) snapshot: Rc<RequestSnapshot>,
}

/// What came, in its masked form but for the body.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) headers: String,
    pub(super) capture: Capture,
    pub(super) common: Common,
}

/// What goes back, in its masked form but for the body.
pub(super) struct Answered {
    /// `None` when no answer began.
    pub(super) status: Option<u16>,
    pub(super) headers: String,
    pub(super) rejection: Option<Rejection>,
    pub(super) capture: Capture,
    pub(super) start: Instant,
    pub(super) common: Common,
}

impl Told for Asked {
    fn pass(&mut self, piece: &[u8]) {
        self.capture.take(piece);
    }

    fn is_whole(&self) -> bool {
        self.capture.is_whole()
    }

    fn tell(self, ending: Ending) {
        let Common { masker, snapshot } = &self.common;
        let trace_id = snapshot.trace_id();
        let body = self.capture.shown(masker, ending);
        let event = || {
            tracing::info!(
                target: "http.exchange",
                method = masker.text(snapshot.method().as_str()).as_ref(),
                path = self.path.as_str(),
                query = self.query.as_deref(),
                headers = self.headers.as_str(),
                body = body.text.as_str(),
                body_bytes = body.bytes,
                truncated = body.truncated,
                incomplete = ending.is_early().then_some(true),
                request_id = snapshot.request_id(),
                trace_id = trace_id.as_deref(),
                "http.exchange.request"
            )
        };
        snapshot.tell(event);
    }
}

impl Told for Answered {
    fn pass(&mut self, piece: &[u8]) {
        self.capture.take(piece);
    }

    fn is_whole(&self) -> bool {
        self.capture.is_whole()
    }

    fn tell(self, ending: Ending) {
        let Common { masker, snapshot } = &self.common;
        let trace_id = snapshot.trace_id();
        let error = self.rejection.as_ref().map(Rejection::error);
        let body = self.capture.shown(masker, ending);
        let event = || {
            tracing::info!(
                target: "http.exchange",
                status = self.status,
                code = error.map(|error| error.kind().code()),
                reason = error.and_then(palisade_core::Error::reason),
                headers = self.headers.as_str(),
                body = body.text.as_str(),
                body_bytes = body.bytes,
                truncated = body.truncated,
                incomplete = ending.is_early().then_some(true),
                duration_ms = millis(self.start.elapsed()),
                request_id = snapshot.request_id(),
                trace_id = trace_id.as_deref(),
                "http.exchange.response"
            )
        };
        snapshot.tell(event);
    }
}
