//! The memory of the real program while hundreds of clients make it compress and decompress.

use palisade_testkit::coded::{brotli, gzip, unfinished_brotli};

use super::{
    crowd::{Crowd, get, post, status},
    harness::{Running, Setup},
};

const MIB: usize = 1024 * 1024;

/// As many as the attacks had that this answers.
const CLIENTS: usize = 300;

/// What the clients may cost beyond the idle server. The budget of all coders is 32 MiB, the rest is for connections;
/// each attack took more than a gibibyte.
const BOUND: usize = 96 * MIB;

struct Watched {
    running: Running,
    idle: usize,
}

impl Watched {
    async fn start(setup: Setup) -> Self {
        let running = setup.set("TELEMETRY_MODE", "prometheus").start().await;
        let idle = running.peak_memory();
        Self { running, idle }
    }

    #[track_caller]
    fn assert_memory(&self, what: &str) {
        let grown = self.running.peak_memory() - self.idle;
        assert!(grown < BOUND, "{what}: {} MiB", grown / MIB);
    }
}

const NOBODY: &[u8] = br#"{"email":"nobody@example.com","password":"violet-harbour-lantern-9"}"#;

#[tokio::test]
async fn brotli_bodies_that_stop_halfway_hold_no_window_and_keep_nobody_out() {
    let watched = Watched::start(Setup::new()).await;
    let part = unfinished_brotli(NOBODY);
    let request = post("/api/v1/auth/login", "Content-Encoding: br\r\n", 1_000, &part);
    let mut slow = Crowd::sending(&watched.running, CLIENTS, &request).await;
    watched.running.measured("http_requests_in_flight", CLIENTS).await;
    for (coding, body) in [("gzip", gzip(NOBODY)), ("br", brotli(NOBODY))] {
        let header = format!("Content-Encoding: {coding}\r\n");
        let honest = post("/api/v1/auth/login", &header, body.len(), &body);
        let answers = Crowd::sending(&watched.running, 1, &honest).await.answers().await;
        assert_eq!(status(&answers[0]), 401, "{coding}");
    }
    slow.stop_sending().await;
    assert!(slow.answers().await.iter().all(|answer| status(answer) == 400));
    watched.assert_memory("unfinished bodies");
}

#[tokio::test]
async fn small_bodies_that_stand_for_large_ones_take_bounded_memory() {
    let watched = Watched::start(Setup::new()).await;
    // As large as the route takes, so that nothing but the memory for all of them together is in the way.
    let text = format!("{{\"email\":\"{}\"}}", "x".repeat(MIB - 100));
    for (coding, body) in [("gzip", gzip(text.as_bytes())), ("br", brotli(text.as_bytes()))] {
        for key in ["", "Idempotency-Key: k-0123456789abcdef\r\n"] {
            let headers = format!("Content-Encoding: {coding}\r\n{key}");
            let request = post("/api/v1/auth/register", &headers, body.len(), &body);
            let answers = Crowd::sending(&watched.running, CLIENTS, &request).await.answers().await;
            for answer in answers {
                assert!(matches!(status(&answer), 409 | 422 | 429 | 503), "{}", status(&answer));
            }
            watched.assert_memory(&headers);
        }
    }
}

#[tokio::test]
async fn a_body_for_a_wrong_link_is_not_read() {
    let setup = Setup::production().set("DATABASE_MIGRATE_ON_START", "true");
    let watched = Watched::start(setup).await;
    let part = unfinished_brotli(NOBODY);
    // The rest of the body never comes, and the answers do.
    let request = post("/setup/x", "Content-Encoding: br\r\n", 1_000, &part);
    let answers = Crowd::sending(&watched.running, CLIENTS, &request).await.answers().await;
    assert!(answers.iter().all(|answer| matches!(status(answer), 410 | 429)));
    assert!(answers.iter().any(|answer| status(answer) == 410));
    watched.assert_memory("bodies for a wrong link");
}

#[tokio::test]
async fn pages_in_any_coding_take_bounded_memory() {
    let watched = Watched::start(Setup::new()).await;
    for path in ["/errors", "/openapi.json", "/redoc/redoc.standalone.js"] {
        for coding in ["zstd", "br", "gzip", "identity"] {
            // Those in gzip and as they are take far more than a connection's buffers: the clients have not read yet.
            let clients = if path.ends_with(".js") { CLIENTS / 3 } else { CLIENTS };
            let crowd = Crowd::sending(&watched.running, clients, &get(path, coding)).await;
            watched.running.measured("http_requests_total", clients).await;
            for answer in crowd.answers().await {
                assert_eq!(status(&answer), 200, "{path} in {coding}");
            }
            watched.assert_memory(&format!("{path} in {coding}"));
        }
    }
}
