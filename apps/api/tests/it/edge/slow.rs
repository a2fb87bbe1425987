//! A thousand clients of each slow kind at once, and everybody else.

use std::{io::Error, net::SocketAddr, process::Stdio, time::Duration};

use futures_util::future::join_all;
use palisade_testkit::{TestApp, wait};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    process::Command,
    sync::Notify,
    time::{sleep, timeout},
};

/// How many of each kind.
const EACH: usize = 1_000;
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

    /// Goes on slowly until the server ends it.
    async fn hold(self, address: SocketAddr) -> Result<(), Error> {
        let socket = TcpSocket::new_v4()?;
        if matches!(self, Self::Reading) {
            socket.set_recv_buffer_size(1)?;
        }
        let mut stream = socket.connect(address).await?;
        stream.write_all(self.opening().as_bytes()).await?;
        while self.beat(&mut stream).await {}
        Ok(())
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

/// What everybody else asks meanwhile, and what they get.
const NORMAL: [(&str, &str); 3] = [
    ("GET /api/v1/health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"),
    ("GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"),
    ("GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 401"),
];

/// Asks until told to stop, each time on a connection of its own; how often.
async fn ask_all_the_time(app: &TestApp, enough: &Notify) -> usize {
    let enough = enough.notified();
    tokio::pin!(enough);
    let mut asked = 0;
    loop {
        for (request, wanted) in NORMAL {
            let reply = wait::end_of("the answer to a normal request", app.raw(request)).await;
            assert!(reply.starts_with(wanted.as_bytes()), "{}", String::from_utf8_lossy(&reply));
            asked += 1;
        }
        if timeout(Duration::from_millis(20), &mut enough).await.is_ok() {
            return asked;
        }
    }
}

/// The server as it comes, but for the rate limits, which would send a client of a thousand slow bodies away long
/// before these are late.
async fn app() -> TestApp {
    palisade_server::raise_open_files();
    TestApp::builder().set("rate_limit.enabled", false).spawn().await
}

#[tokio::test]
async fn a_thousand_slow_clients_of_each_kind_keep_nobody_from_being_served() {
    let (app, enough) = (app().await, Notify::new());
    let normal = ask_all_the_time(&app, &enough);
    let slow = async {
        let kinds = [Slow::Head, Slow::Body, Slow::Reading].into_iter();
        let clients = kinds.flat_map(|kind| (0..EACH).map(move |_| kind));
        let api = app.api();
        let held = join_all(clients.map(async |kind| (kind, kind.hold(api).await)));
        let held = wait::end_of("the server closes every slow connection", held).await;
        enough.notify_one();
        held
    };
    let (asked, held) = tokio::join!(normal, slow);
    let failed: Vec<_> = held.into_iter().filter(|(_, held)| held.is_err()).collect();
    assert!(failed.is_empty(), "{} of them, such as {:?}", failed.len(), failed.first());
    assert!(asked >= 10 * NORMAL.len(), "only {asked} normal requests were answered meanwhile");
}

/// One attack by slowhttptest, until it has no connection left or for 60 seconds; what it reports.
async fn attack(mode: &[&str], url: String) -> String {
    let each = EACH.to_string();
    let mut command = Command::new("slowhttptest");
    command.args(mode).args(["-c", &each, "-r", &each, "-l", "60", "-p", "30", "-u", &url]);
    let output = command.stdin(Stdio::null()).output().await.expect("slowhttptest: scripts/test installs it");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether its own requests, one after the other, were all answered.
fn found_it_available(report: &str) -> bool {
    let mut told = report.lines().filter(|line| line.contains("service available:")).peekable();
    told.peek().is_some() && told.all(|line| line.contains("YES"))
}

#[tokio::test]
async fn slowhttptest_finds_the_service_available_and_its_connections_closed() {
    let (app, enough) = (app().await, Notify::new());
    let url = |path: &str| format!("http://{}{path}", app.api());
    let attacks = async {
        let head = attack(&["-H", "-i", "2"], url("/health"));
        let body = attack(&["-B", "-i", "2", "-s", "8192", "-t", "POST"], url("/api/v1/auth/login"));
        let reading =
            attack(&["-X", "-w", "1", "-y", "1", "-n", "5", "-z", "1", "-k", "3"], url("/openapi.json"));
        let reports = tokio::join!(head, body, reading);
        enough.notify_one();
        reports
    };
    let (_, (head, body, reading)) = tokio::join!(ask_all_the_time(&app, &enough), attacks);
    for report in [&head, &body, &reading] {
        assert!(found_it_available(report), "{report}");
    }
    // A reader of single bytes sees the reset only when it has read what came before, so it tells nothing of it.
    for report in [head, body] {
        assert!(report.contains("No open connections left"), "{report}");
    }
}
