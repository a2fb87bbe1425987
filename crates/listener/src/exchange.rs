//! What a connection's stream and the application above it tell each other.

mod framing;

use std::{cell::Cell, task::Waker};

use actix_http::body::BodySize;
use tokio::time::Instant;

use crate::pacing::ConnectionPace;
pub(crate) use framing::Framing;

/// The state of one connection, from the first request to the last. The application's side tells what it
/// serves; the stream's side learns from it whether bytes on their way out are the application's, and what the
/// client still owes.
///
/// actix-http serves the requests of a connection one after the other and puts its own answers behind
/// everything the application said. So while a response is under way, all bytes are the application's, and
/// once it is over, an answer of actix-http's can only be at the very end of what is written.
pub(crate) struct Exchange {
    serving: Cell<bool>,
    /// How the body of the latest request ends, until the stream has taken note.
    framing: Cell<Option<Framing>>,
    /// The application's last bytes end like a head does, so that a head at the end proves nothing.
    misleading: Cell<bool>,
    /// Since when the head of the next request has been arriving.
    head_since: Cell<Option<Instant>>,
    /// Since when the body of the request has been arriving.
    body_since: Cell<Option<Instant>>,
    /// Who waits for more of the body.
    body_reader: Cell<Option<Waker>>,
    body_failure: Cell<Option<BodyFailure>>,
    /// Since when the last response is over and no other request has begun.
    idle_since: Cell<Option<Instant>>,
    /// The client waits to be told to send the body (RFC 9110 §10.1.1).
    expects_continue: Cell<bool>,
    /// The application failed to answer a request without asking for a body (RFC 9110 §9.3.2).
    failed_head_request: Cell<bool>,
    /// Whether the next request has to wait.
    pace: ConnectionPace,
}

/// Why a body does not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFailure {
    /// It has had its time.
    Late,
    /// Its chunks are malformed, so that nobody knows where it would end.
    Malformed,
}

impl Exchange {
    /// A connection whose first head has been awaited since then.
    pub(crate) fn new(since: Instant, pace: ConnectionPace) -> Self {
        Self {
            serving: Cell::new(false),
            framing: Cell::new(None),
            misleading: Cell::new(false),
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

    /// How fast the client may send requests.
    pub(crate) const fn pace(&self) -> &ConnectionPace {
        &self.pace
    }

    /// A request's head is complete and the application has it.
    pub(crate) fn request(&self, framing: Framing) {
        self.serving.set(true);
        self.framing.set(Some(framing));
        self.misleading.set(false);
        self.failed_head_request.set(false);
        self.head_since.set(None);
        self.body_since.set(None);
        self.body_failure.set(None);
        self.idle_since.set(None);
    }

    /// The request has a body, of which nothing may have come yet.
    pub(crate) fn body(&self) {
        self.body_since.set(Some(Instant::now()));
    }

    /// How the body of a request ends that the application has received since the last call.
    pub(crate) fn takes_framing(&self) -> Option<Framing> {
        self.framing.take()
    }

    /// Whether the application has a request and its response is not over.
    pub(crate) fn is_serving(&self) -> bool {
        self.serving.get()
    }

    /// All of the body has arrived, whether or not anybody reads it.
    pub(crate) fn body_end(&self) {
        self.body_since.set(None);
    }

    /// Somebody waits for more of the body, and is woken when it fails.
    pub(crate) fn body_awaited(&self, reader: &Waker) {
        self.body_reader.set(Some(reader.clone()));
    }

    /// There will be no more of the body.
    pub(crate) fn body_fails(&self, failure: BodyFailure) {
        if self.body_failure.replace(Some(failure)).is_none()
            && let Some(reader) = self.body_reader.take()
        {
            reader.wake();
        }
    }

    /// Why there will be no more of the body.
    pub(crate) fn body_failure(&self) -> Option<BodyFailure> {
        self.body_failure.get()
    }

    /// Since when a body has been arriving, while one is.
    pub(crate) fn body_since(&self) -> Option<Instant> {
        self.body_since.get()
    }

    /// The client waits to be told to send the body.
    pub(crate) fn expects_continue(&self) {
        self.expects_continue.set(true);
    }

    /// Whether the client waits to be told to send the body; said once.
    pub(crate) fn takes_continue(&self) -> bool {
        self.expects_continue.get() && self.expects_continue.replace(false)
    }

    /// The application's response begins; a body of no size is never asked for its chunks.
    pub(crate) fn response(&self, size: BodySize, names_request: impl FnOnce() -> bool) {
        if matches!(size, BodySize::None | BodySize::Sized(0)) {
            self.misleading.set(!names_request());
            self.response_end();
        }
    }

    /// A chunk of the response's body.
    pub(crate) fn response_chunk(&self, chunk: &[u8]) {
        self.misleading.set(chunk.ends_with(END_OF_HEAD));
    }

    /// The response is over.
    pub(crate) fn response_end(&self) {
        self.serving.set(false);
        self.idle_since.set(Some(Instant::now()));
    }

    /// The application answered with an error that no layer of it has rendered.
    pub(crate) fn application_failed(&self, head_request: bool) {
        self.serving.set(false);
        self.misleading.set(false);
        self.failed_head_request.set(head_request);
    }

    /// Bytes of a head have arrived.
    pub(crate) fn head_begins(&self) {
        if self.head_since.get().is_none() {
            self.head_since.set(Some(Instant::now()));
            self.idle_since.set(None);
        }
    }

    /// Since when the last response is over, while no other request has begun.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        self.idle_since.get()
    }

    /// Since when the head of the next request has been arriving, while one is.
    pub(crate) fn head_since(&self) -> Option<Instant> {
        self.head_since.get()
    }

    /// What the connection is at, for the log.
    pub(crate) fn place(&self) -> &'static str {
        match (self.serving.get(), self.head_since.get()) {
            (true, _) => "request",
            (false, Some(_)) => "head",
            (false, None) => "idle",
        }
    }

    /// Whether bytes that end like this may end in an answer of actix-http's own.
    pub(crate) fn may_end_in_bare(&self, bytes: &[u8]) -> bool {
        !self.serving.get() && !self.misleading.get() && bytes.ends_with(END_OF_HEAD)
    }

    /// Whether the application failed to answer a request that asks for no body.
    pub(crate) fn failed_head_request(&self) -> bool {
        self.failed_head_request.get()
    }
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
