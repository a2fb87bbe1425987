//! Clients on connections that stay open, at the price of a few microseconds each: the servers are what is watched.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// A connection to one server.
pub(super) struct Client(BufReader<TcpStream>);

impl Client {
    pub(super) async fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// The status of a request that costs the server little and passes the limit of the API, in the name of a client at
    /// `address`.
    pub(super) async fn ask(&mut self, address: &str) -> u16 {
        let request =
            format!("GET /api/v1/users/me HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).await.unwrap();
        self.answer().await.unwrap()
    }

    /// Reads a whole response and gives its status.
    async fn answer(&mut self) -> io::Result<u16> {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().map_err(io::Error::other)?;
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().map_err(io::Error::other)?;
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(status)
    }
}
