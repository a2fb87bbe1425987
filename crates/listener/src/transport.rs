//! What a connection's bytes travel over.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// TCP, or something over it.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + 'static {
    /// Whether nobody between the client and this server reads along.
    const SECURE: bool;

    /// The TCP connection below.
    fn tcp(&self) -> &Tcp;
}

/// A TCP connection that counts what is taken from it.
pub(crate) struct Tcp {
    stream: TcpStream,
    taken: u64,
}

impl Tcp {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, taken: 0 }
    }

    /// How many bytes the operating system has taken to be sent, since the connection began. It takes only
    /// a little more than it could send so far (`TCP_NOTSENT_LOWAT`, see [`crate::Listener`]).
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// What has not been sent yet is forgotten when the connection is dropped, and the client is told at once.
    /// A closing in order would wait until the client has read everything.
    pub(crate) fn reset_when_dropped(&self) {
        // Refused only for a connection that is gone already.
        let _ = self.stream.set_zero_linger();
    }

    fn count(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.taken += *bytes as u64;
        }
        written
    }
}

impl Transport for Tcp {
    const SECURE: bool = false;

    fn tcp(&self) -> &Tcp {
        self
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
