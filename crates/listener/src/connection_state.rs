//! State that a connection's stream and the application above it share.

mod framing;

use std::{cell::Cell, task::Waker};

use actix_http::body::BodySize;
use tokio::time::Instant;

use crate::pacing::ConnectionPace;
pub(crate) use framing::Framing;

/// The state of one connection. The application's side records which request it serves. The stream's side reads
/// whether outgoing bytes belong to the application, and what the client has not sent yet.
///
/// actix-http serves the requests of a connection one after the other, and writes its own error responses after
/// everything the application wrote. So while a response is being sent, all bytes are the application's. After it,
/// an error response of actix-http can only be at the very end of a write.
pub(crate) struct ConnectionState {
    serving: Cell<bool>,
    /// The body framing of the latest request, until the stream has read it.
    framing: Cell<Option<Framing>>,
    /// Whether the application's last bytes could be taken for an error response of actix-http.
    ambiguous_end: Cell<bool>,
    /// When the head of the next request started to arrive.
    head_since: Cell<Option<Instant>>,
    /// When the body of the request started to arrive.
    body_since: Cell<Option<Instant>>,
    /// The task that waits for more of the body.
    body_reader: Cell<Option<Waker>>,
    body_failure: Cell<Option<BodyFailure>>,
    /// When the last response ended, while no other request has started.
    idle_since: Cell<Option<Instant>>,
    /// Whether the client waits for `100 Continue` (RFC 9110 §10.1.1).
    expects_continue: Cell<bool>,
    /// Whether the application failed on a HEAD request, whose response has no body (RFC 9110 §9.3.2).
    failed_head_request: Cell<bool>,
    /// Whether the next request is delayed.
    pace: ConnectionPace,
}

/// Why a request body cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFailure {
    /// Its time limit has passed.
    Late,
    /// Its chunked encoding is malformed, so its end is unknown.
    Malformed,
}

impl ConnectionState {
    /// A new connection, which has waited for its first head since `since`.
    pub(crate) fn new(since: Instant, pace: ConnectionPace) -> Self {
        Self {
            serving: Cell::new(false),
            framing: Cell::new(None),
            ambiguous_end: Cell::new(false),
            head_since: Cell::new(Some(since)),
            body_since: Cell::new(None),
            body_reader: Cell::new(None),
            body_failure: Cell::new(None),
            idle_since: Cell::new(None),
            expects_continue: Cell::new(false),
            failed_head_request: Cell::new(false),
            pace,
        }
    }

    /// How requests of the client are delayed.
    pub(crate) const fn pace(&self) -> &ConnectionPace {
        &self.pace
    }

    /// Records that the application has received a request.
    pub(crate) fn request(&self, framing: Framing) {
        self.serving.set(true);
        self.framing.set(Some(framing));
        self.ambiguous_end.set(false);
        self.failed_head_request.set(false);
        self.head_since.set(None);
        self.body_since.set(None);
        self.body_failure.set(None);
        self.idle_since.set(None);
    }

    /// Records that the request has a body, which starts to arrive.
    pub(crate) fn body(&self) {
        self.body_since.set(Some(Instant::now()));
    }

    /// Returns the framing of a request received since the last call.
    pub(crate) fn take_framing(&self) -> Option<Framing> {
        self.framing.take()
    }

    /// Whether the application is serving a request: its response has not ended.
    pub(crate) fn is_serving(&self) -> bool {
        self.serving.get()
    }

    /// Records that the whole body has arrived, whether or not it is read.
    pub(crate) fn body_end(&self) {
        self.body_since.set(None);
    }

    /// Registers the task that waits for more of the body, to wake it when the body fails.
    pub(crate) fn body_awaited(&self, reader: &Waker) {
        self.body_reader.set(Some(reader.clone()));
    }

    /// Records that the body cannot be completed, and wakes its reader.
    pub(crate) fn body_fails(&self, failure: BodyFailure) {
        if self.body_failure.replace(Some(failure)).is_none()
            && let Some(reader) = self.body_reader.take()
        {
            reader.wake();
        }
    }

    /// Why the body cannot be completed, if so.
    pub(crate) fn body_failure(&self) -> Option<BodyFailure> {
        self.body_failure.get()
    }

    /// When the body started to arrive, while it is arriving.
    pub(crate) fn body_since(&self) -> Option<Instant> {
        self.body_since.get()
    }

    /// Records that the client waits for `100 Continue`.
    pub(crate) fn expects_continue(&self) {
        self.expects_continue.set(true);
    }

    /// Whether the client waits for `100 Continue`. True at most once per request.
    pub(crate) fn take_expects_continue(&self) -> bool {
        self.expects_continue.get() && self.expects_continue.replace(false)
    }

    /// Records the start of a response. An empty body is never polled, so such a response ends here.
    pub(crate) fn response(&self, size: BodySize, names_request: impl FnOnce() -> bool) {
        if matches!(size, BodySize::None | BodySize::Sized(0)) {
            self.ambiguous_end.set(!names_request());
            self.response_end();
        }
    }

    /// Records a chunk of the response body.
    pub(crate) fn response_chunk(&self, chunk: &[u8]) {
        self.ambiguous_end.set(chunk.ends_with(END_OF_HEAD));
    }

    /// Records the end of the response.
    pub(crate) fn response_end(&self) {
        self.serving.set(false);
        self.idle_since.set(Some(Instant::now()));
    }

    /// Records that the application returned an error that none of its layers rendered.
    pub(crate) fn application_failed(&self, head_request: bool) {
        self.serving.set(false);
        self.ambiguous_end.set(false);
        self.failed_head_request.set(head_request);
    }

    /// Records that bytes of a head have arrived.
    pub(crate) fn head_begins(&self) {
        if self.head_since.get().is_none() {
            self.head_since.set(Some(Instant::now()));
            self.idle_since.set(None);
        }
    }

    /// When the last response ended, while no other request has started.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        self.idle_since.get()
    }

    /// When the head of the next request started to arrive, while it is arriving.
    pub(crate) fn head_since(&self) -> Option<Instant> {
        self.head_since.get()
    }

    /// The phase of the connection, for the log.
    pub(crate) fn phase(&self) -> &'static str {
        match (self.serving.get(), self.head_since.get()) {
            (true, _) => "request",
            (false, Some(_)) => "head",
            (false, None) => "idle",
        }
    }

    /// Whether these bytes may end in an error response of actix-http.
    pub(crate) fn may_end_in_actix_error(&self, bytes: &[u8]) -> bool {
        !self.serving.get() && !self.ambiguous_end.get() && bytes.ends_with(END_OF_HEAD)
    }

    /// Whether the application failed on a HEAD request.
    pub(crate) fn failed_head_request(&self) -> bool {
        self.failed_head_request.get()
    }
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
