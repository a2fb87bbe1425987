//! A thousand clients of each slow kind at once, and everybody else.

use std::{
    io::Error,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use palisade_testkit::TestApp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};

/// How many of each kind.
const EACH: usize = 1_000;
/// They are closed within this.
const CLOSED: Duration = Duration::from_secs(15);
/// How long a normal request may take while they are there.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a slow client does something.
const BEAT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy)]
enum Slow {
    Head,
    Body,
    Reading,
}

impl Slow {
    /// What it starts with.
    fn opening(self) -> &'static str {
        match self {
            Self::Head => "GET /health HTTP/1.1\r\nHost: a\r\n",
            Self::Body => {
                "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                 Content-Length: 9999\r\n\r\n{"
            }
            Self::Reading => {
                "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
            }
        }
    }

    /// Goes on slowly until the server ends it; how long it was held.
    async fn hold(self, address: SocketAddr) -> Result<Duration, Error> {
        let socket = TcpSocket::new_v4()?;
        if matches!(self, Self::Reading) {
            socket.set_recv_buffer_size(1)?;
        }
        let mut stream = socket.connect(address).await?;
        let since = Instant::now();
        stream.write_all(self.opening().as_bytes()).await?;
        while since.elapsed() < 2 * CLOSED && self.beat(&mut stream).await {}
        Ok(since.elapsed())
    }

    /// Whether the connection is still there.
    async fn beat(self, stream: &mut TcpStream) -> bool {
        let bytes = match self {
            Self::Head => "X-A: b\r\n",
            Self::Body => " ",
            Self::Reading => {
                sleep(BEAT).await;
                // What has come before a reset can still be read after it, so reading does not tell.
                let reset = !matches!(stream.take_error(), Ok(None));
                return !reset && stream.read_u8().await.is_ok();
            }
        };
        let mut answer = [0; 4_096];
        match timeout(BEAT, stream.read(&mut answer)).await {
            Ok(read) => read.is_ok_and(|read| read > 0),
            Err(_) => stream.write_all(bytes.as_bytes()).await.is_ok(),
        }
    }
}

/// Asks until told to stop, each time on a connection of its own; how often, and how long the longest took.
async fn ask_all_the_time(app: &TestApp, enough: Arc<Notify>) -> (usize, Duration) {
    let enough = enough.notified();
    tokio::pin!(enough);
    let (mut asked, mut longest) = (0, Duration::ZERO);
    loop {
        let since = Instant::now();
        let request = "GET /api/v1/health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let reply = timeout(PATIENCE, app.raw(request)).await.expect("an answer in time");
        assert!(reply.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&reply));
        longest = longest.max(since.elapsed());
        asked += 1;
        if timeout(Duration::from_millis(20), &mut enough).await.is_ok() {
            return (asked, longest);
        }
    }
}

#[tokio::test]
async fn a_thousand_slow_clients_of_each_kind_keep_nobody_from_being_served() {
    palisade_api::open_files::raise(6 * EACH);
    let app = TestApp::spawn().await;
    let enough = Arc::new(Notify::new());
    let normal = ask_all_the_time(&app, Arc::clone(&enough));
    let slow = async {
        let kinds = [Slow::Head, Slow::Body, Slow::Reading].into_iter();
        let clients = kinds.flat_map(|kind| (0..EACH).map(move |_| kind));
        let api = app.api();
        let held = join_all(clients.map(async |kind| (kind, kind.hold(api).await))).await;
        enough.notify_one();
        held
    };
    let ((asked, longest), held) = tokio::join!(normal, slow);
    let mut findings = Vec::new();
    for (kind, held) in held {
        match held {
            Ok(held) if held <= CLOSED => {}
            other => findings.push(format!("{kind:?}: {other:?}")),
        }
    }
    assert!(findings.is_empty(), "{} of them, such as {:?}", findings.len(), &findings[..1]);
    assert!(asked > 100, "only {asked} normal requests were made, the longest took {longest:?}");
}
