//! What takes long is told.

use palisade_testkit::TestApp;

use super::scrape;

#[tokio::test]
async fn a_slow_request_is_counted() {
    let app = TestApp::builder()
        .set("telemetry.mode", vec!["prometheus"])
        .set("telemetry.slow_request_ms", 1)
        .spawn()
        .await;
    // Hashing takes longer than a millisecond.
    app.register("ann").await;
    app.get("/health").await.expect(200);
    let seen = scrape(&app).await;
    let slow = r#"slow_requests_total{method="POST",route="/api/v1/auth/register"}"#;
    assert_eq!(seen.get(slow), Some(&1.0), "{seen:#?}");
}

#[tokio::test]
async fn a_slow_statement_is_counted() {
    let app = TestApp::builder()
        .set("telemetry.mode", vec!["prometheus"])
        .set("database.slow_query_ms", 0)
        .spawn()
        .await;
    app.register("ann").await;
    let seen = scrape(&app).await;
    assert!(seen[r#"slow_queries_total{operation="insert"}"#] >= 1.0, "{seen:#?}");
    assert!(seen[r#"db_query_duration_seconds_count{operation="select"}"#] >= 1.0);
    assert!(seen[r#"db_pool_connections{state="max"}"#] >= 1.0 && seen["db_pool_wait_seconds_count"] >= 1.0);
}
