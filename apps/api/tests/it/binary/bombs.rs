//! Small bodies that stand for huge ones, sent to the real program.

use futures_util::future::join_all;
use palisade_testkit::bombs;

use super::harness::{Running, Setup};

const MIB: usize = 1024 * 1024;

async fn send(running: &Running, path: &str, coding: &str, body: Vec<u8>) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(running.url(path)).header("content-type", "application/json");
    let answer = request.header("content-encoding", coding).body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    assert!(text.contains("payload_too_large"), "{coding} to {path}: {status} {text}");
    status
}

#[tokio::test]
async fn ten_gibibytes_of_zeros_are_a_413_within_64_mebibytes() {
    // A route that reads bodies, with a limit that the compressed form keeps.
    let setup = Setup::new().set("SECURITY_BODY_LIMITS", format!("/api/v1/auth/refresh={}", 16 * MIB));
    let running = setup.start().await;
    let before = running.peak_memory();
    for (coding, body) in [("gzip", bombs::gzip(10_240)), ("br", bombs::brotli(10_240))] {
        for path in ["/api/v1/auth/login", "/api/v1/auth/refresh", "/auth/login"] {
            assert_eq!(send(&running, path, coding, body.clone()).await, 413, "{coding} to {path}");
        }
    }
    // Each stands for a GiB, and is small enough for every limit.
    for (coding, body) in [("gzip", bombs::gzip(1_000)), ("br", bombs::brotli(1_000))] {
        let many = (0..4).map(|_| send(&running, "/api/v1/auth/login", coding, body.clone()));
        assert_eq!(join_all(many).await, [413; 4], "{coding}");
    }
    let grown = running.peak_memory() - before;
    assert!(grown < 64 * MIB, "{} MiB", grown / MIB);
}
