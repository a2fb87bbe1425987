//! The transport of a connection: TCP or TLS over TCP.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A byte stream over TCP.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + 'static {
    /// Whether it is encrypted, so that the scheme of requests is `https`.
    const SECURE: bool;

    /// The underlying TCP connection.
    fn tcp(&self) -> &Tcp;
}

/// A TCP connection that counts sent bytes.
pub(crate) struct Tcp {
    stream: TcpStream,
    sent: u64,
}

impl Tcp {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, sent: 0 }
    }

    /// The number of bytes that the kernel has accepted for sending. It buffers only a few unsent bytes
    /// (`TCP_NOTSENT_LOWAT`, see [`crate::Listener`]).
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Makes the connection reset when it is dropped, without sending buffered bytes. A normal close would wait until the
    /// client has read them.
    pub(crate) fn reset_when_dropped(&self) {
        // Fails only when the connection has already closed.
        let _ = self.stream.set_zero_linger();
    }

    fn count(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.sent += *bytes as u64;
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
