//! A client over TCP that sends any bytes, for what no HTTP client would send.

#![expect(clippy::unwrap_used, reason = "a test without its server or its response has failed")]

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::wait;

/// A TCP connection, with what was received and not read yet.
#[derive(Debug)]
pub struct Client {
    tcp: TcpStream,
    received: Vec<u8>,
}

/// A response with a body of known length.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in their order, as they were written.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// The value of a header, by its exact name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Asserts that this is a complete error body of the catalogue, and that the connection ends with it.
    #[track_caller]
    pub fn assert_refusal(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.header("connection"), Some("close"), "{self:?}");
        assert!(self.header("date").is_some_and(|date| date.ends_with(" GMT")), "{self:?}");
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        let error = body.pointer("/error").unwrap();
        let member = |name| error.get(name).unwrap();
        assert_eq!(error.as_object().unwrap().len(), 4, "{error}");
        assert_eq!((member("code"), member("details")), (&code.into(), &serde_json::Value::Null));
        assert!(!member("message").as_str().unwrap().is_empty());
        assert_eq!(member("request_id").as_str(), self.header("x-request-id"));
        assert_eq!(self.header("x-request-id").unwrap().len(), 36);
    }
}

impl Client {
    /// Connects from any address of this machine.
    pub async fn connect(address: SocketAddr) -> Self {
        Self { tcp: TcpStream::connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Connects with the smallest receive buffer that the kernel allows: about a kilobyte.
    pub async fn connect_with_little_room(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1).unwrap();
        Self { tcp: socket.connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Connects from this address of this machine.
    pub async fn connect_from(from: &str, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        Self { tcp: socket.connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Sends these bytes. A server that has closed already is noticed by the next read.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.tcp.write_all(bytes.as_ref()).await;
    }

    /// Closes the sending half.
    pub async fn finish_sending(&mut self) {
        let _ = self.tcp.shutdown().await;
    }

    /// Resets the connection, so that the server sees that the client is gone: one that only closes may still listen.
    pub fn reset(self) {
        self.tcp.set_zero_linger().unwrap();
    }

    /// Reads one response with a `content-length`.
    pub async fn response(&mut self) -> Response {
        self.read(true).await
    }

    /// Reads one response to a HEAD request.
    pub async fn response_without_body(&mut self) -> Response {
        self.read(false).await
    }

    async fn read(&mut self, with_body: bool) -> Response {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|part| part == b"\r\n\r\n") {
                break at;
            }
            assert!(self.more().await, "closed within a head: {:?}", String::from_utf8_lossy(&self.received));
        };
        let head = String::from_utf8(self.received.drain(..end + 4).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut response = Response { status, headers, body: String::new() };
        let length = response.header("content-length").map_or(0, |length| length.parse().unwrap());
        if with_body {
            while self.received.len() < length {
                assert!(self.more().await, "closed within a body");
            }
            response.body = String::from_utf8(self.received.drain(..length).collect()).unwrap();
        }
        response
    }

    /// Asserts that the server closes the connection without a reset and without another byte.
    pub async fn assert_closed(&mut self) {
        assert!(!self.more().await, "more came: {:?}", String::from_utf8_lossy(&self.received));
        assert_eq!(String::from_utf8_lossy(&self.received), "");
    }

    /// Asserts that the server has not reset the connection. A reset may discard its last response.
    pub async fn assert_listened_to(&mut self) {
        for _ in 0..5 {
            self.tcp.write_all(&[b'a'; 1_024]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Reads at most so many bytes and discards them; `None` once the server has closed or reset the connection.
    pub async fn skip(&mut self, bytes: usize) -> Option<usize> {
        let mut skipped = vec![0; bytes];
        let read = wait::end_of("reading", self.tcp.read(&mut skipped)).await;
        read.ok().filter(|read| *read > 0)
    }

    async fn more(&mut self) -> bool {
        wait::end_of("reading", self.tcp.read_buf(&mut self.received)).await.unwrap() > 0
    }
}
