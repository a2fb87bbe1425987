//! A connection that answers for what actix-http cannot.
//!
//! It passes bytes through and steps in where actix-http does not. An answer that actix-http writes by itself
//! becomes an error of the catalogue on its way out. A client that takes too long is left, each in the way that
//! fits: a late head is answered and cut off; whoever reads a late body is told, and answers; a response that is
//! not read is given up; an idle connection makes room when there are many.

mod deadline;
mod farewell;
mod inbound;
mod patience;

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
    admission::Admitted,
    bare::{self, Bare},
    config::{ConnectionConfig, DISCONNECT_TIMEOUT, Limits},
    connections::ListenerConnections,
    exchange::{BodyFailure, Exchange},
    refusal::{Refusals, Refused},
    transport::Transport,
};
use deadline::Deadline;
use farewell::Farewell;
use inbound::{Inbound, Read};
use patience::Patience;

/// How long a connection is idle before it may have to make room, and how often it looks whether it has to.
const LOOK_AROUND: Duration = Duration::from_secs(5);
/// How much longer than agreed a connection may be idle, should actix-http, which ends it then, not know.
const IDLE_GRACE: Duration = Duration::from_secs(3);
/// What actix-http tells a client that waits with its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// One connection.
pub(crate) struct Stream<T> {
    transport: T,
    admitted: Admitted,
    exchange: Rc<Exchange>,
    refusals: Arc<Refusals>,
    connections: ListenerConnections,
    limits: Limits,
    head_deadline: Deadline,
    body_deadline: Deadline,
    idle_deadline: Deadline,
    looked_around: Option<Instant>,
    inbound: Inbound,
    patience: Patience,
    /// The answer to a request that actix-http must not see, until what is written before it has gone out.
    last_words: Option<Vec<u8>>,
    /// The last words of this connection, once they are being said.
    farewell: Option<Farewell>,
}

impl<T: Transport> Stream<T> {
    /// A connection that is to be served, or to be told why not.
    pub(crate) fn new(transport: T, admitted: Admitted, config: &ConnectionConfig) -> Self {
        Self {
            transport,
            exchange: Rc::new(Exchange::new(
                admitted.since,
                config.pacing.connection(admitted.client.map(|address| address.ip())),
            )),
            refusals: config.refusals.clone(),
            connections: config.connections.clone(),
            limits: config.limits,
            head_deadline: Deadline::default(),
            body_deadline: Deadline::default(),
            idle_deadline: Deadline::default(),
            looked_around: None,
            inbound: Inbound::default(),
            patience: Patience::new(config.limits.write),
            last_words: None,
            farewell: admitted.one_too_many.then(|| Farewell::new(config.refusals.turn_away())),
            admitted,
        }
    }

    /// What the application's side needs to know.
    pub(crate) fn exchange(&self) -> Rc<Exchange> {
        self.exchange.clone()
    }

    /// Whether the connection is to end because of what the client does not send; wakes the task when it is.
    fn is_given_up(&mut self, cx: &mut Context<'_>) -> bool {
        if self.head_is_late(cx) {
            self.last_words = Some(self.refuse(StatusCode::REQUEST_TIMEOUT));
            return true;
        }
        self.body_is_overdue(cx) || self.makes_room(cx)
    }

    fn head_is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let since = self.exchange.head_since();
        since.is_some_and(|since| self.head_deadline.has_passed(since, self.limits.head, cx))
    }

    /// Whether the client owes the rest of a late body that nobody reads any more. Whoever still reads it is told,
    /// and the client has a moment to see the answer.
    fn body_is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(since) = self.exchange.body_since() else { return false };
        if !self.body_deadline.has_passed(since, self.limits.body, cx) {
            return false;
        }
        match self.exchange.idle_since() {
            Some(answered) => self.body_deadline.has_passed(answered, DISCONNECT_TIMEOUT, cx),
            None => {
                self.exchange.body_fails(BodyFailure::Late);
                false
            }
        }
    }

    /// Whether the connection has been idle for a while and others need its place.
    fn makes_room(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(idle) = self.exchange.idle_since() else { return false };
        let since = self.looked_around.map_or(idle, |looked| looked.max(idle));
        let pause = LOOK_AROUND.min(self.limits.idle);
        if !self.idle_deadline.has_passed(since, pause, cx) {
            return false;
        }
        if self.connections.are_scarce() || idle.elapsed() >= self.limits.idle.saturating_add(IDLE_GRACE) {
            return true;
        }
        let now = Instant::now();
        self.looked_around = Some(now);
        self.idle_deadline.has_passed(now, pause, cx)
    }

    /// While something waits to be taken by the client: whether that has taken too long.
    fn patience_is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let over = self.patience.is_over(self.transport.tcp().taken(), cx);
        if over {
            self.transport.tcp().reset_when_dropped();
        }
        over
    }

    /// An answer of actix-http's own at the end of what is to be written.
    fn find_bare(&self, bytes: &[u8]) -> Option<Bare> {
        let possible = self.farewell.is_none() && self.exchange.may_end_in_bare(bytes);
        if possible { bare::find(bytes) } else { None }
    }

    fn refuse(&self, status: StatusCode) -> Vec<u8> {
        let since = self.exchange.head_since();
        self.refusals.answer(&Refused {
            status,
            client: self.admitted.client.map(|address| address.ip()),
            elapsed: since.map_or(Duration::ZERO, |since| since.elapsed()),
            wants_body: !self.exchange.failed_head_request(),
        })
    }

    fn poll_write_through(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.transport).poll_write(cx, bytes);
        if written.is_pending() && self.patience_is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }

    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.farewell {
            Some(farewell) => farewell.poll(&mut self.transport, cx),
            None => Poll::Ready(()),
        }
    }
}

impl<T: Transport> AsyncRead for Stream<T> {
    /// A client that is left is one that has no more to say, to actix-http: it flushes and closes.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.farewell.is_some() || this.last_words.is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        match this.inbound.poll_read(&mut this.transport, &this.exchange, cx, buf) {
            Poll::Pending if this.is_given_up(cx) => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(Read::Refused(status))) => {
                this.last_words = Some(this.refuse(status));
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Ok(Read::Bytes)) => {
                // A body may also be late that keeps coming.
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
        // With the response already behind it, nobody wants the body any more (RFC 9110 §10.1.1).
        if this.exchange.takes_continue() && bytes.len() > CONTINUE.len() && bytes.starts_with(CONTINUE) {
            return Poll::Ready(Ok(CONTINUE.len()));
        }
        if let Some(bare) = this.find_bare(bytes) {
            match bytes.get(..bare.start) {
                None | Some([]) => this.farewell = Some(Farewell::new(this.refuse(bare.status))),
                // What the application said goes out first; the rest comes round again.
                Some(before) => return this.poll_write_through(cx, before),
            }
        }
        if this.farewell.is_some() {
            ready!(this.poll_farewell(cx));
            return Poll::Ready(Ok(bytes.len()));
        }
        this.poll_write_through(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_farewell(cx));
        // What began since the last read may need to wake this task again: an idle time, a body, the next request.
        let _ = this.makes_room(cx) || this.body_is_overdue(cx);
        if this.inbound.reader_may_go_on(&this.exchange) {
            cx.waker().wake_by_ref();
        }
        let flushed = Pin::new(&mut this.transport).poll_flush(cx);
        if flushed.is_ready() {
            this.patience.is_satisfied();
        } else if this.patience_is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.farewell.is_none() && (this.last_words.is_some() || this.inbound.holds_something()) {
            this.farewell = Some(Farewell::new(this.last_words.take().unwrap_or_default()));
        }
        ready!(this.poll_farewell(cx));
        let closed = Pin::new(&mut this.transport).poll_shutdown(cx);
        if closed.is_pending() && this.patience_is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        closed
    }
}
