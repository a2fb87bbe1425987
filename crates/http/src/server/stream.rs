//! A TCP connection that answers for what actix-http cannot.
//!
//! It passes bytes through and steps in at two places: an answer that actix-http writes by itself becomes an
//! error of the catalogue on its way out, and a request head that takes too long is answered and cut off.
//! Both end the connection.

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
    time::{Instant, Sleep, sleep_until},
};

use super::{
    ConnectionConfig,
    bare::{self, Bare},
    connections::OpenGuard,
    exchange::Exchange,
    refusal::{Refusals, Refused},
};
use farewell::Farewell;

/// One connection.
pub(super) struct Stream {
    tcp: TcpStream,
    client: Option<IpAddr>,
    exchange: Rc<Exchange>,
    refusals: Arc<Refusals>,
    head_timeout: Duration,
    /// Set once and moved on only when it fires, which costs far less than setting it for each request.
    head_timer: Option<Pin<Box<Sleep>>>,
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
            head_timer: None,
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
        let Some(since) = self.exchange.head_since() else { return false };
        let deadline = since + self.head_timeout;
        if self.head_timer.as_ref().is_some_and(|timer| !timer.is_elapsed()) {
            // It wakes this task in any case, and then it is seen how much time is left.
            return false;
        }
        let timer = self.head_timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= deadline {
                return true;
            }
            timer.as_mut().reset(deadline);
        }
        false
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
                Some(before) => return Pin::new(&mut this.tcp).poll_write(cx, before),
            }
        }
        if this.farewell.is_some() {
            ready!(this.poll_farewell(cx));
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut this.tcp).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_farewell(cx));
        Pin::new(&mut this.tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_farewell(cx));
        Pin::new(&mut this.tcp).poll_shutdown(cx)
    }
}
