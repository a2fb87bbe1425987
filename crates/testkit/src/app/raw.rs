//! Bytes on a socket, for what no HTTP client would send.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::TestApp;

/// Longer than any limit of the server's that ends a connection.
const PATIENCE: Duration = Duration::from_secs(30);

impl TestApp {
    /// Sends the bytes to the public listener and gives what comes back until the server closes. A request
    /// that is in order should ask for that by `Connection: close`.
    ///
    /// # Panics
    /// When no connection comes about, or the server does not close it.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        exchange(self.api(), bytes.as_ref()).await
    }
}

async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => panic!("no connection to {address}: {error}"),
    };
    // The server may have closed before it read everything; what it answered is still to be read.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut answer)).await {
        // A reset after an answer is how a server refuses the rest of a body.
        Ok(_) => answer,
        Err(_) => panic!("the connection stayed open after {}", String::from_utf8_lossy(&answer)),
    }
}
