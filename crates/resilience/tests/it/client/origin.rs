//! A server on loopback that answers as it is told, and the names that lead to it.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use palisade_resilience::client::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

/// An HTTP server that writes what it is told to, and closes each connection unless the answer says `keep-alive`.
pub(crate) struct Origin {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Origin {
    /// One on 127.0.0.1; `answer` makes the bytes of an answer from the number of the request, from 0.
    pub(crate) async fn start(answer: impl Fn(usize) -> String + Send + Sync + 'static) -> Self {
        Self::start_on([127, 0, 0, 1].into(), answer).await
    }

    /// One on this address.
    pub(crate) async fn start_on(
        address: IpAddr,
        answer: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answer) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(answer));
        let ears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                connections.spawn(serve(connection, Arc::clone(&ears), Arc::clone(&answer)));
            }
        });
        Self { port, heard, task: task.abort_handle() }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Each request so far, head and body, header names in lower case.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    connection: TcpStream,
    heard: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(usize) -> String>,
) -> std::io::Result<()> {
    let mut connection = BufReader::new(connection);
    while let Some(request) = hear(&mut connection).await? {
        let number = {
            let mut heard = heard.lock().unwrap();
            heard.push(request);
            heard.len() - 1
        };
        let answer = answer(number);
        connection.write_all(answer.as_bytes()).await?;
        if !answer.contains("connection: keep-alive") {
            return connection.shutdown().await;
        }
    }
    Ok(())
}

/// One request with its body, or the end of the connection.
async fn hear(connection: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let start = request.len();
        if connection.read_line(&mut request).await? == 0 {
            return Ok(None);
        }
        let line = request[start..].trim_end().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    request.push_str(&String::from_utf8_lossy(&body));
    Ok(Some(request))
}

/// An answer with these headers, each with its line's end, and this body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// A redirect.
pub(crate) fn redirect(status: u16, location: &str) -> String {
    answer(status, &format!("location: {location}\r\n"), "")
}

/// What a DNS server of one's own would say: for each name its answers in turn, the last of them for ever.
#[derive(Default)]
pub(crate) struct Names {
    answers: HashMap<&'static str, Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    /// Besides, `name` has these addresses the next time it is asked for.
    pub(crate) fn with(mut self, name: &'static str, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.answers.entry(name).or_default().push(addresses);
        self
    }

    /// How often a name was resolved.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let addresses =
            self.answers.get(name.as_str()).map(|answers| answers[asked.min(answers.len() - 1)].clone());
        Box::pin(async move {
            let addresses = addresses.ok_or("no such name")?;
            // A port that a resolver must have no say in.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::from((address, 9)))) as Addrs)
        })
    }
}
