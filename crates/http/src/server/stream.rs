//! A TCP connection that answers for what actix-http cannot.
//!
//! It passes bytes through and steps in where actix-http does not: an answer that actix-http writes by itself
//! becomes an error of the catalogue on its way out; a request head that takes too long is answered and cut
//! off; a client that neither sends nor reads is left. Each ends the connection.

mod deadline;
mod farewell;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_http::StatusCode;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::{
    ConnectionConfig,
    bare::{self, Bare},
    connections::OpenGuard,
    exchange::Exchange,
    refusal::{Refusals, Refused},
};
use deadline::Deadline;
use farewell::Farewell;

/// How much longer than agreed a client may neither send nor read. actix-http ends idle connections at the agreed
/// time, yet none that still owes the rest of a chunked body or does not read its response.
const IDLE_GRACE: Duration = Duration::from_secs(3);

/// One connection.
pub(super) struct Stream {
    tcp: TcpStream,
    client: Option<IpAddr>,
    exchange: Rc<Exchange>,
    refusals: Arc<Refusals>,
    head_timeout: Duration,
    head_deadline: Deadline,
    idle_limit: Duration,
    idle_deadline: Deadline,
    /// Since when the client has taken nothing of what is to be written.
    stalled_since: Option<Instant>,
    stall_deadline: Deadline,
    /// The last words of this connection, once it has come to that.
    farewell: Option<Farewell>,
    _open: OpenGuard,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, client: Option<SocketAddr>, config: &ConnectionConfig) -> Self {
        Self {
            tcp,
            client: client.map(|address| address.ip()),
            exchange: Rc::new(Exchange::new()),
            refusals: config.refusals.clone(),
            head_timeout: config.head_timeout,
            head_deadline: Deadline::default(),
            idle_limit: config.keep_alive.saturating_add(IDLE_GRACE),
            idle_deadline: Deadline::default(),
            stalled_since: None,
            stall_deadline: Deadline::default(),
            farewell: None,
            _open: config.connections.opened(),
        }
    }

    /// What the application's side needs to know.
    pub(super) fn exchange(&self) -> Rc<Exchange> {
        self.exchange.clone()
    }

    /// Whether the head that is arriving has had its time; wakes the task when it has.
    fn head_is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let since = self.exchange.head_since();
        since.is_some_and(|since| self.head_deadline.has_passed(since, self.head_timeout, cx))
    }

    /// Whether nothing has come from the client for too long; wakes the task when it is so.
    fn is_left_idle(&mut self, cx: &mut Context<'_>) -> bool {
        let since = self.exchange.idle_since();
        since.is_some_and(|since| self.idle_deadline.has_passed(since, self.idle_limit, cx))
    }

    fn poll_write_tcp(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        if written.is_ready() {
            self.stalled_since = None;
            return written;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        if self.stall_deadline.has_passed(since, self.idle_limit, cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
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
            client: self.client,
            elapsed: since.map_or(Duration::ZERO, |since| Instant::now() - since),
            wants_body: !self.exchange.failed_head_request(),
        })
    }

    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.farewell {
            Some(farewell) => farewell.poll(&mut self.tcp, cx),
            None => Poll::Ready(()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.tcp).poll_read(cx, buf) {
            Poll::Ready(Ok(())) if buf.filled().len() > before => this.exchange.received(),
            Poll::Pending if this.farewell.is_none() && this.head_is_late(cx) => {
                this.farewell = Some(Farewell::new(this.refuse(StatusCode::REQUEST_TIMEOUT)));
                // To actix-http this is a client that has no more to say: it flushes and closes.
                return Poll::Ready(Ok(()));
            }
            // The same, without a word: there is nothing to answer.
            Poll::Pending if this.farewell.is_none() && this.is_left_idle(cx) => {}
            other => return other,
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(bare) = this.find_bare(bytes) {
            match bytes.get(..bare.start) {
                None | Some([]) => this.farewell = Some(Farewell::new(this.refuse(bare.status))),
                // What the application said goes out first; the rest comes round again.
                Some(before) => return this.poll_write_tcp(cx, before),
            }
        }
        if this.farewell.is_some() {
            ready!(this.poll_farewell(cx));
            return Poll::Ready(Ok(bytes.len()));
        }
        this.poll_write_tcp(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_farewell(cx));
        // A response may have ended since the last read, and nothing else need wake this task again.
        let _ = this.is_left_idle(cx);
        Pin::new(&mut this.tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_farewell(cx));
        Pin::new(&mut this.tcp).poll_shutdown(cx)
    }
}
