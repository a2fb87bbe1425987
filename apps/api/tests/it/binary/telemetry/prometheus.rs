//! A real Prometheus reads what clients know.

use palisade_testkit::{Inbox, servers::Prometheus, wait};

use super::collector::exporting;

#[tokio::test]
async fn counters_equal_the_client_s_own_counts() {
    let collector = Inbox::open().unwrap();
    let running = exporting(&collector).start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let target = running.management;
    let prometheus =
        tokio::task::spawn_blocking(move || Prometheus::scraping(target)).await.unwrap().unwrap();
    let mut sent = [0_u32; 3];
    for number in 0..300_u32 {
        let (path, status) =
            [("/health", 200), ("/nowhere", 404), ("/api/v1/users/me", 401)][number as usize % 3];
        assert_eq!(client.get(running.url(path)).send().await.unwrap().status(), status);
        sent[number as usize % 3] += 1;
    }
    let ask =
        |expression: &str| prometheus.query(expression).unwrap().first().map_or(0.0, |(_, value)| *value);
    wait::until("Prometheus has scraped them all", async || {
        ask(r#"sum(http_requests_total{route!~"/metrics"})"#) >= 300.0
    })
    .await;
    for (expression, expected) in [
        (r#"http_requests_total{method="GET",route="/health",status="200"}"#, sent[0]),
        (r#"http_requests_total{method="GET",route="unmatched",status="404"}"#, sent[1]),
        (r#"http_requests_total{method="GET",route="/api/v1/users/me",status="401"}"#, sent[2]),
        (r#"http_request_duration_seconds_count{route="/health",status="200"}"#, sent[0]),
        (r#"errors_total{code="unauthorized"}"#, sent[2]),
        (r#"up{job="palisade"}"#, 1),
    ] {
        assert_eq!(ask(expression), f64::from(expected), "{expression}");
    }
    let exemplars = prometheus.exemplars("http_request_duration_seconds_bucket").unwrap();
    let trace = exemplars.pointer("/0/exemplars/0/labels/trace_id").and_then(|id| id.as_str());
    assert!(trace.is_some_and(|id| id.len() == 32), "{exemplars}");
}
