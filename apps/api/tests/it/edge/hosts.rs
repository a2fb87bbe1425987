//! Which hosts are served.

use palisade_testkit::{TestApp, TestResponse};
use serde_json::json;

/// The answer to a request line with this target, and these `Host`s.
async fn ask(app: &TestApp, target: &str, hosts: &[&str]) -> TestResponse {
    let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
    let request = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
    TestResponse::from_raw(&app.raw(request).await).unwrap()
}

#[tokio::test]
async fn a_request_for_an_unknown_host_is_refused_like_any_other() {
    let hosts = json!(["api.example.com", "*.example.org"]);
    let app = TestApp::builder().set("security.allowed_hosts", hosts).spawn().await;
    for host in ["api.example.com", "API.example.com:8000", "api.example.com.", "a.b.example.org"] {
        ask(&app, "/health", &[host]).await.expect(200);
    }
    for host in ["example.com", "evil.example", "api.example.com.evil.example", "127.0.0.1", "example.org"] {
        // The health routes are no exception.
        for target in ["/health", "/api/v1/health/live", "/api/v1/users", "/nowhere"] {
            let answer = ask(&app, target, &[host]).await.expect(400);
            assert_eq!(answer.code(), "bad_request", "{host}");
            assert_eq!(answer.json()["error"]["request_id"], answer.header("x-request-id"), "{host}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{host}");
        }
    }
    ask(&app, "http://api.example.com/health", &["api.example.com"]).await.expect(200);
    ask(&app, "http://evil.example/health", &["api.example.com"]).await.expect(400);
    ask(&app, "http://api.example.com/health", &["evil.example"]).await.expect(400);
}

#[tokio::test]
async fn by_default_any_host_will_do_but_it_must_be_one() {
    let app = TestApp::spawn().await;
    for host in ["a", "192.0.2.1:80", "[::1]:80", "x.example.com"] {
        ask(&app, "/health", &[host]).await.expect(200);
    }
    for hosts in [&[][..], &["a", "b"], &["a", "a"], &[""], &["a b"], &["u@a"], &["a/b"]] {
        assert_eq!(ask(&app, "/health", hosts).await.expect(400).code(), "bad_request", "{hosts:?}");
    }
}
