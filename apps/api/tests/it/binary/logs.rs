//! The log: one clean JSON line per event, whatever clients send.

use nix::sys::signal::Signal;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Running, Setup};

async fn send(running: &Running, request: &[u8]) {
    let mut stream = TcpStream::connect(running.api).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
}

#[tokio::test]
async fn every_line_is_json_whatever_clients_send() {
    let running = Setup::new().set("LOG_LEVEL", "debug").start().await;
    let hostile: [&[u8]; 5] = [
        b"User-Agent: a\"b\\c\x1b[31m\tred\xff\xfe",
        b"X-Request-ID: a\"}\n{\"level\":\"fake\"}",
        b"X-Forwarded-For: \x1b[2J1.2.3.4",
        b"Referer: \xe2\x80\xa8line\xe2\x80\xa9separators\xc2\x85",
        b"Authorization: Bearer \x1b[31m",
    ];
    for header in hostile {
        let path = "/no%0awhere%1b[31m?q=%22%0d%0a";
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n").into_bytes();
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n\r\n");
        send(&running, &request).await;
    }
    send(&running, b"GET /health HTTP/1.1\r\nHost: a\r\nX-Request-ID: the-last\r\nConnection: close\r\n\r\n")
        .await;
    running.logged(|line| line["request_id"] == "the-last").await;
    running.signal(Signal::SIGTERM);
    let ended = running.ended().await.expect(0);
    for line in ended.stdout.lines() {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(parsed["timestamp"].is_string() && parsed["level"].is_string(), "{line}");
        assert_ne!(parsed["level"], "fake");
        assert!(
            !line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}')),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn a_request_is_one_line_with_route_status_and_time() {
    let running = Setup::new().start().await;
    let id = "01890000-0000-7000-8000-000000000000";
    let request = format!(
        "GET /api/v1/users/{id}?secret=1 HTTP/1.1\r\nHost: a\r\nX-Request-ID: wanted\r\nConnection: close\r\n\r\n"
    );
    send(&running, request.as_bytes()).await;
    let line = running.logged(|line| line["request_id"] == "wanted" && !line["status"].is_null()).await;
    assert_eq!((&line["method"], &line["status"]), (&"GET".into(), &401.into()), "{line}");
    assert_eq!(line["route"], "/api/v1/users/{id}", "{line}");
    assert!(line["duration_ms"].as_f64().is_some_and(|time| time >= 0.0), "{line}");
    assert!(line.to_string().contains("127.0.0.1"), "{line}");
    assert!(!line.to_string().contains("secret=1"), "{line}");
    let lines =
        running.log().iter().filter(|line| line["request_id"] == "wanted" && line["status"] == 401).count();
    assert_eq!(lines, 1);
}

#[tokio::test]
async fn no_secret_reaches_the_log_at_any_level() {
    let running = Setup::new().set("LOG_LEVEL", "trace").start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let password = "violet-Tractor-93-lamp";
    let body = serde_json::json!({"email": "a@example.com", "username": "ann", "password": password});
    client.post(running.url("/api/v1/auth/register")).json(&body).send().await.unwrap();
    let login = serde_json::json!({"username": "ann", "password": password});
    let pair: Value = client
        .post(running.url("/api/v1/auth/login"))
        .json(&login)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let (access, refresh) = (pair["access_token"].as_str().unwrap(), pair["refresh_token"].as_str().unwrap());
    client.get(running.url("/api/v1/users/me")).bearer_auth(access).send().await.unwrap();
    let body = serde_json::json!({"refresh_token": refresh});
    client.post(running.url("/api/v1/auth/refresh")).json(&body).send().await.unwrap();
    let setup_link =
        running.told().split_whitespace().find(|word| word.contains("/setup/")).map(str::to_owned);
    running.signal(Signal::SIGTERM);
    let ended = running.ended().await.expect(0);
    let mut secrets = vec![password, access, refresh, "$argon2"];
    let token = setup_link.as_deref().and_then(|link| link.rsplit('/').next());
    secrets.extend(token);
    for secret in secrets {
        let line = ended.stdout.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
