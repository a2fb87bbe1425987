//! What is switched while the program runs.

use serde_json::{Value, json};

use crate::binary::harness::Setup;

#[tokio::test]
async fn the_level_is_changed_from_the_next_event_on() {
    let running = Setup::new().start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let level = format!("http://{}/log-level", running.management);
    let put = |body: Value| client.put(&level).json(&body).send();
    let now: Value = client.get(&level).send().await.unwrap().json().await.unwrap();
    assert_eq!(now["level"], "info");
    let begins = |line: &Value| line["message"] == "http.request.start";

    client.get(running.url("/health")).header("x-request-id", "before").send().await.unwrap();
    assert_eq!(put(json!({"level": "debug"})).await.unwrap().status(), 200);
    client.get(running.url("/health")).header("x-request-id", "between").send().await.unwrap();
    running.logged(|line| begins(line) && line["request_id"] == "between").await;
    assert!(!running.log().iter().any(|line| begins(line) && line["request_id"] == "before"));

    for wrong in [
        json!({"level": "loud"}),
        json!({"level": ""}),
        json!({}),
        json!({"level": 3}),
        json!({"level": "info", "x": 1}),
    ] {
        let answer = put(wrong.clone()).await.unwrap();
        assert_eq!(answer.status(), 422, "{wrong}");
    }
    assert_eq!(put(json!({"level": "error"})).await.unwrap().status(), 200);
    client.get(running.url("/health")).header("x-request-id", "after").send().await.unwrap();
    client.get(running.url("/health")).header("x-request-id", "last").send().await.unwrap();
    running.logged(|line| line["message"] == "log.level_changed" && line["before"] == "debug").await;
    assert!(!running.log().iter().any(|line| line["request_id"] == "after"));
}
