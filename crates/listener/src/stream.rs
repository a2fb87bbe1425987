//! The byte stream of a connection, between the transport and actix-http.
//!
//! It replaces error responses of actix-http by errors of the catalogue, and it enforces time limits:
//!
//! - A late request head is answered with 408, and the connection is closed.
//! - A late request body fails for its reader, and the application answers.
//! - A connection whose client stops reading the response is reset.
//! - An idle connection is closed when the listener is near its limit of connections.

mod deadline;
mod inbound;
mod lingering_close;
mod stall_detector;

use std::{
    io,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_http::StatusCode;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::{
    actix_error::{self, ActixError},
    admission::Admitted,
    config::{ConnectionConfig, DISCONNECT_TIMEOUT, Limits},
    connection_state::{BodyFailure, ConnectionState},
    connections::ListenerConnections,
    error_response::{ErrorResponses, RejectedRequest},
    transport::Transport,
};
use deadline::Deadline;
use inbound::{Inbound, Read};
use lingering_close::LingeringClose;
use stall_detector::StallDetector;

/// How long a connection must be idle before it may be closed early, and how often it checks that.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How much longer than the keep-alive time a connection may be idle. actix-http normally closes it before.
const IDLE_GRACE: Duration = Duration::from_secs(3);
/// The interim response by which actix-http asks for a body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The byte stream of one connection.
pub(crate) struct Stream<T> {
    transport: T,
    admitted: Admitted,
    connection: Rc<ConnectionState>,
    error_responses: Arc<ErrorResponses>,
    connections: ListenerConnections,
    limits: Limits,
    head_deadline: Deadline,
    body_deadline: Deadline,
    idle_deadline: Deadline,
    last_idle_check: Option<Instant>,
    inbound: Inbound,
    stall_detector: StallDetector,
    /// The response to a rejected request, until the responses before it have been written.
    final_response: Option<Vec<u8>>,
    /// The closing of this connection, once it has started.
    lingering_close: Option<LingeringClose>,
}

impl<T: Transport> Stream<T> {
    /// The stream of an admitted connection. One over the client's limit is answered with 503.
    pub(crate) fn new(transport: T, admitted: Admitted, config: &ConnectionConfig) -> Self {
        Self {
            transport,
            connection: Rc::new(ConnectionState::new(
                admitted.since,
                config.pacing.connection(admitted.client.map(|address| address.ip())),
            )),
            error_responses: config.error_responses.clone(),
            connections: config.connections.clone(),
            limits: config.limits,
            head_deadline: Deadline::default(),
            body_deadline: Deadline::default(),
            idle_deadline: Deadline::default(),
            last_idle_check: None,
            inbound: Inbound::default(),
            stall_detector: StallDetector::new(config.limits.write),
            final_response: None,
            lingering_close: admitted
                .over_limit
                .then(|| LingeringClose::new(config.error_responses.too_many_connections())),
            admitted,
        }
    }

    /// The state that the application's side shares.
    pub(crate) fn connection(&self) -> Rc<ConnectionState> {
        self.connection.clone()
    }

    /// Whether the connection must close because the client has sent nothing in time. Wakes the task at that time.
    fn client_timed_out(&mut self, cx: &mut Context<'_>) -> bool {
        if self.head_is_late(cx) {
            self.final_response = Some(self.reject(StatusCode::REQUEST_TIMEOUT));
            return true;
        }
        self.body_is_overdue(cx) || self.should_close_idle(cx)
    }

    fn head_is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let since = self.connection.head_since();
        since.is_some_and(|since| self.head_deadline.has_passed(since, self.limits.head, cx))
    }

    /// Whether the connection must close because a body is late and not read any more. A handler that still reads it gets
    /// an error first, and the client has [`DISCONNECT_TIMEOUT`] to read the response.
    fn body_is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(since) = self.connection.body_since() else { return false };
        if !self.body_deadline.has_passed(since, self.limits.body, cx) {
            return false;
        }
        match self.connection.idle_since() {
            Some(answered) => self.body_deadline.has_passed(answered, DISCONNECT_TIMEOUT, cx),
            None => {
                self.connection.body_fails(BodyFailure::Late);
                false
            }
        }
    }

    /// Whether the connection is idle and must close: the listener is near its limit, or keep-alive has passed.
    fn should_close_idle(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(idle) = self.connection.idle_since() else { return false };
        let since = self.last_idle_check.map_or(idle, |check| check.max(idle));
        let pause = IDLE_CHECK_INTERVAL.min(self.limits.idle);
        if !self.idle_deadline.has_passed(since, pause, cx) {
            return false;
        }
        if self.connections.are_near_limit() || idle.elapsed() >= self.limits.idle.saturating_add(IDLE_GRACE)
        {
            return true;
        }
        let now = Instant::now();
        self.last_idle_check = Some(now);
        self.idle_deadline.has_passed(now, pause, cx)
    }

    /// Whether the client reads waiting bytes too slowly. If so, the connection resets when it is dropped.
    fn client_has_stalled(&mut self, cx: &mut Context<'_>) -> bool {
        let stalled = self.stall_detector.has_stalled(self.transport.tcp().sent(), cx);
        if stalled {
            self.transport.tcp().reset_when_dropped();
        }
        stalled
    }

    /// Finds an error response of actix-http at the end of a write.
    fn find_actix_error(&self, bytes: &[u8]) -> Option<ActixError> {
        let possible = self.lingering_close.is_none() && self.connection.may_end_in_actix_error(bytes);
        if possible { actix_error::find(bytes) } else { None }
    }

    fn reject(&self, status: StatusCode) -> Vec<u8> {
        let since = self.connection.head_since();
        self.error_responses.reject(&RejectedRequest {
            status,
            client: self.admitted.client.map(|address| address.ip()),
            elapsed: since.map_or(Duration::ZERO, |since| since.elapsed()),
            wants_body: !self.connection.failed_head_request(),
        })
    }

    fn poll_write_through(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.transport).poll_write(cx, bytes);
        if written.is_pending() && self.client_has_stalled(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }

    fn poll_lingering_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.lingering_close {
            Some(lingering_close) => lingering_close.poll(&mut self.transport, cx),
            None => Poll::Ready(()),
        }
    }
}

impl<T: Transport> AsyncRead for Stream<T> {
    /// After a timeout actix-http sees the end of the stream. It then flushes and closes.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering_close.is_some() || this.final_response.is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        match this.inbound.poll_read(&mut this.transport, &this.connection, cx, buf) {
            Poll::Pending if this.client_timed_out(cx) => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(Read::Rejected(status))) => {
                this.final_response = Some(this.reject(status));
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Ok(Read::Bytes)) => {
                // A body that still arrives may be late, too.
                if buf.filled().len() > before && this.body_is_overdue(cx) {
                    buf.set_filled(before);
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<T: Transport> AsyncWrite for Stream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // The response is already there, so the body is not needed (RFC 9110 §10.1.1).
        if this.connection.take_expects_continue()
            && bytes.len() > CONTINUE.len()
            && bytes.starts_with(CONTINUE)
        {
            return Poll::Ready(Ok(CONTINUE.len()));
        }
        if let Some(error) = this.find_actix_error(bytes) {
            match bytes.get(..error.start) {
                None | Some([]) => {
                    this.lingering_close = Some(LingeringClose::new(this.reject(error.status)))
                }
                // The application's bytes go out first. actix-http then writes the rest again.
                Some(before) => return this.poll_write_through(cx, before),
            }
        }
        if this.lingering_close.is_some() {
            ready!(this.poll_lingering_close(cx));
            return Poll::Ready(Ok(bytes.len()));
        }
        this.poll_write_through(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_lingering_close(cx));
        // Arms timers for states that started since the last read: idle time, a body, the next request.
        let _ = this.should_close_idle(cx) || this.body_is_overdue(cx);
        if this.inbound.unblocks_reader(&this.connection) {
            cx.waker().wake_by_ref();
        }
        let flushed = Pin::new(&mut this.transport).poll_flush(cx);
        if flushed.is_ready() {
            this.stall_detector.all_sent();
        } else if this.client_has_stalled(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering_close.is_none() && (this.final_response.is_some() || this.inbound.has_held_bytes())
        {
            this.lingering_close = Some(LingeringClose::new(this.final_response.take().unwrap_or_default()));
        }
        ready!(this.poll_lingering_close(cx));
        let closed = Pin::new(&mut this.transport).poll_shutdown(cx);
        if closed.is_pending() && this.client_has_stalled(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        closed
    }
}
