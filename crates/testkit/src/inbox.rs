//! A service outside, as a test wants it: it keeps what it is sent, and answers as it is told.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Letter {
    /// The first header of that name; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Listens on a free port of loopback until it is dropped.
#[derive(Debug)]
pub struct Inbox {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    letters: Mutex<Vec<Letter>>,
    status: AtomicU16,
    headers: Mutex<String>,
    hangs: AtomicBool,
    closed: AtomicBool,
}

impl Inbox {
    /// Answers 200 with an empty body until it is told otherwise.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { status: AtomicU16::new(200), ..Shared::default() });
        let inside = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if inside.closed.load(Ordering::Relaxed) {
                    return;
                }
                let inside = Arc::clone(&inside);
                thread::spawn(move || inside.serve(stream));
            }
        });
        Ok(Self { address, shared })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The whole address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers with this status from now on, and with these header lines.
    pub fn answer(&self, status: u16, headers: &[&str]) {
        self.shared.status.store(status, Ordering::Relaxed);
        *self.shared.headers.lock().unwrap_or_else(PoisonError::into_inner) =
            headers.iter().map(|line| format!("{line}\r\n")).collect();
    }

    /// Takes requests and never answers them, or does again.
    pub fn hang(&self, hangs: bool) {
        self.shared.hangs.store(hangs, Ordering::Relaxed);
    }

    /// What has come so far.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a letter that `wanted` takes; `None` when none has come within `limit`.
    pub async fn wait_for(&self, limit: Duration, wanted: impl Fn(&Letter) -> bool) -> Option<Letter> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(letter) = self.letters().into_iter().find(|letter| wanted(letter)) {
                return Some(letter);
            }
            if Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // So that the thread that accepts looks up.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        let Ok(writer) = stream.try_clone() else { return };
        let mut reader = BufReader::new(stream);
        while let Some(letter) = read(&mut reader) {
            self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
            while self.hangs.load(Ordering::Relaxed) {
                if self.closed.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
            let status = self.status.load(Ordering::Relaxed);
            let headers = self.headers.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{headers}\r\n");
            if (&writer).write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// The next request of a connection; `None` at its end.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Letter> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Letter { method, target, headers, body })
}
