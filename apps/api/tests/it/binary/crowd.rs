//! Many connections at once, each with one request.

use std::io;

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::Running;

/// The connections, which stay open until their answers are read.
pub(super) struct Crowd(Vec<TcpStream>);

impl Crowd {
    /// So many clients that have all sent the same bytes and have read nothing.
    pub(super) async fn sending(running: &Running, clients: usize, bytes: &[u8]) -> Self {
        let connections = (0..clients).map(|_| async {
            let mut connection = TcpStream::connect(running.api).await.unwrap();
            connection.write_all(bytes).await.unwrap();
            connection
        });
        Self(join_all(connections).await)
    }

    /// Says that no client sends any more.
    pub(super) async fn stop_sending(&mut self) {
        join_all(self.0.iter_mut().map(TcpStream::shutdown)).await;
    }

    /// The answers, each read to the end of its connection.
    pub(super) async fn answers(self) -> Vec<Vec<u8>> {
        let answers = self.0.into_iter().map(|mut connection| async move {
            let mut answer = Vec::new();
            // A server that refuses a body may end the connection before it has read all of it.
            if let Err(error) = connection.read_to_end(&mut answer).await {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
            }
            answer
        });
        join_all(answers).await
    }
}

/// A request with a body whose length is announced as `length`.
pub(super) fn post(path: &str, headers: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A request for a page in one coding.
pub(super) fn get(path: &str, coding: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Encoding: {coding}\r\n\r\n"
    )
    .into_bytes()
}

/// The status of an answer.
pub(super) fn status(answer: &[u8]) -> u16 {
    let status = answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
    std::str::from_utf8(status.unwrap_or_default()).unwrap().parse().unwrap_or(0)
}
