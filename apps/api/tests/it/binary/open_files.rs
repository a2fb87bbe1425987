//! More clients than the process may have files.

use std::{fs, net::SocketAddr, process::Command};

use futures_util::future::join_all;
use palisade_testkit::{TestDatabase, wait};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Running, Setup};

const LIMIT: u32 = 1_024;
const IDLE: usize = 1_300;

/// Whose idle connections are kept for longer than the test runs.
fn patient(setup: Setup) -> Setup {
    let setup = setup.set("SERVER_HEADER_TIMEOUT_SECONDS", "600").set("SERVER_WORKERS", "2");
    setup.set("RATE_LIMIT_ENABLED", "false").set("TELEMETRY_MODE", "prometheus")
}

async fn connect(address: SocketAddr) -> TcpStream {
    wait::end_of("a connection", TcpStream::connect(address)).await.unwrap()
}

/// Asks on a connection that stays open, and gives the status.
async fn ask(stream: &mut TcpStream, request: &str) -> u16 {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 65_536];
    let read = wait::end_of("an answer", stream.read(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status line")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A sign-in that fails, which the database has to be asked about.
fn sign_in() -> String {
    let body = r#"{"email":"nobody@example.com","password":"not the right one"}"#;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn open_files(running: &Running) -> usize {
    fs::read_dir(format!("/proc/{}/fd", running.pid())).unwrap().count()
}

#[tokio::test]
async fn more_idle_clients_than_files_keep_neither_probes_nor_the_database_from_theirs() {
    palisade_server::raise_open_files();
    let database = TestDatabase::postgres(&[]).await;
    let setup = patient(Setup::production()).set("DATABASE_URL", database.url()).most_files(LIMIT);
    let setup = setup.set("DATABASE_MIGRATE_ON_START", "true");
    let running = setup.start().await;
    let line = running.logged(|line| line["message"] == "server.few_open_files").await;
    let (limit, reserved) = (line["limit"].as_u64().unwrap(), line["reserved"].as_u64().unwrap());
    let most = line["max_connections"].as_u64().unwrap();
    assert_eq!((limit, most), (u64::from(LIMIT), limit - reserved), "{line}");

    let mut earlier = join_all((0..8).map(|_| connect(running.api))).await;
    for stream in &mut earlier {
        assert_eq!(ask(stream, &get("/health")).await, 200);
    }
    let _idle = join_all((0..IDLE).map(|_| connect(running.api))).await;
    let most = usize::try_from(most).unwrap();
    wait::until("the files are used up", async || open_files(&running) > most).await;

    for _ in 0..3 {
        let mut probe = connect(running.management).await;
        for path in ["/health/ready", "/health/live", "/metrics"] {
            assert_eq!(ask(&mut probe, &get(path)).await, 200, "{path}");
        }
    }
    // All at once, so that the pool has to open more connections.
    let answers = join_all(earlier.iter_mut().map(async |stream| ask(stream, &sign_in()).await)).await;
    assert_eq!(answers, [401; 8]);
    assert!(open_files(&running) < usize::try_from(LIMIT).unwrap());
    drop(_idle);
    assert_eq!(ask(&mut connect(running.api).await, &get("/health")).await, 200);
}

#[tokio::test]
async fn a_limit_of_files_too_low_to_serve_is_refused_with_the_remedy() {
    let ended = Setup::new().most_files(64).run().await.expect(2);
    ended
        .says(&["64 files open", "ulimit -n", "LimitNOFILE=", "DATABASE_POOL_SIZE"])
        .never_says(&["panicked"]);
}

#[tokio::test]
async fn a_server_without_a_file_to_spare_accepts_again_once_it_has_some() {
    let running = patient(Setup::production()).set("DATABASE_MIGRATE_ON_START", "true").start().await;
    let limit = |files: usize| {
        let arguments = [format!("--pid={}", running.pid()), format!("--nofile={files}:")];
        assert!(Command::new("prlimit").args(arguments).status().unwrap().success());
    };
    // Somebody else takes the files away: a leak, or the whole system is out of them.
    limit(open_files(&running));
    let mut waiting = connect(running.api).await;
    waiting.write_all(get("/health").as_bytes()).await.unwrap();
    let refused = |line: &serde_json::Value| line.to_string().contains("Too many open files");
    running.logged(refused).await;
    limit(LIMIT.try_into().unwrap());
    assert_eq!(ask(&mut waiting, "").await, 200);
    let complaints = running.log().iter().filter(|line| refused(line)).count();
    assert!(complaints < 1_000, "it tried {complaints} times");
}
