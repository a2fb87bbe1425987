//! Counts are exact, and clients do not decide how many series there are.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use palisade_testkit::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;

use super::{managed, measured, scrape};

#[tokio::test]
async fn what_clients_did_is_what_is_counted() {
    let app = measured().await;
    let ann = app.register("ann").await;
    for _ in 0..7 {
        app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    }
    for _ in 0..3 {
        app.get("/api/v1/users/me").await.expect(401);
    }
    app.get("/api/v1/users/me").token("forged").await.expect(401);
    app.get("/api/v1/users").token(&ann.access_token).await.expect(403);
    let wrong = json!({"email": "no address", "username": "x", "password": "short"});
    app.post("/api/v1/auth/register").json(&wrong).await.expect(422);
    app.post("/api/v1/auth/login").json(&json!({"username": "ann", "password": "wrong"})).await.expect(401);
    app.call(Method::DELETE, "/api/v1/users/me").token(&ann.access_token).await.expect(405);

    let seen = scrape(&app).await;
    let me = r#"method="GET",route="/api/v1/users/me""#;
    for (series, expected) in [
        (format!(r#"http_requests_total{{{me},status="200"}}"#), 7.0),
        (format!(r#"http_requests_total{{{me},status="401"}}"#), 4.0),
        (format!(r#"http_request_duration_seconds_count{{{me},status="200"}}"#), 7.0),
        (r#"http_requests_total{method="DELETE",route="unmatched",status="405"}"#.to_owned(), 1.0),
        (r#"api_endpoint_calls_total{endpoint="/api/v1/users/me",caller="user"}"#.to_owned(), 7.0),
        (r#"api_endpoint_calls_total{endpoint="/api/v1/users/me",caller="anonymous"}"#.to_owned(), 4.0),
        (r#"errors_total{code="unauthorized",status="401"}"#.to_owned(), 5.0),
        (r#"errors_total{code="validation_error",status="422"}"#.to_owned(), 1.0),
        (r#"auth_attempts_total{method="password",outcome="success"}"#.to_owned(), 1.0),
        (r#"auth_attempts_total{method="password",outcome="failure"}"#.to_owned(), 1.0),
        (r#"auth_failures_total{reason="invalid_credentials"}"#.to_owned(), 1.0),
        (r#"auth_failures_total{reason="token_invalid"}"#.to_owned(), 1.0),
        (r#"auth_token_validations_total{outcome="valid"}"#.to_owned(), 8.0),
        (r#"auth_tokens_issued_total{kind="access"}"#.to_owned(), 1.0),
        (r#"permission_checks_total{requirement="users:read",outcome="denied"}"#.to_owned(), 1.0),
        (r#"user_actions_total{action="register",outcome="success"}"#.to_owned(), 1.0),
        (r#"user_actions_total{action="read",outcome="success"}"#.to_owned(), 7.0),
        (r#"data_records_processed_total{record="user",operation="created"}"#.to_owned(), 1.0),
        ("http_requests_in_flight".to_owned(), 0.0),
    ] {
        assert_eq!(seen.get(&series), Some(&expected), "{series}\n{seen:#?}");
    }
    let broken: f64 =
        seen.iter().filter(|(name, _)| name.starts_with("validation_errors_total")).map(|(_, n)| n).sum();
    assert!(broken >= 2.0, "{seen:#?}");
    let histogram = |suffix: &str| seen[&format!("password_hash_duration_seconds_{suffix}")];
    assert!(
        histogram(r#"count{operation="hash"}"#) >= 1.0 && histogram(r#"count{operation="verify"}"#) >= 2.0
    );
}

/// Bodies whose heads do not tell how long they are: one that comes in chunks, one that is compressed on its way.
#[tokio::test]
async fn sizes_are_of_what_was_on_the_wire() {
    let app =
        TestApp::builder().set("telemetry.mode", vec!["prometheus"]).set("compression.min_size_bytes", 0);
    let app = app.spawn().await;
    let person = format!(r#"{{"email":"ann@example.com","username":"ann","password":"{PASSWORD}"}}"#);
    let (one, other) = person.split_at(20);
    let mut socket = TcpStream::connect(app.api()).unwrap();
    let head = "POST /api/v1/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n", one.len(), other.len());
    socket.write_all(format!("{head}{chunks}").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");

    // What was announced and not read is not counted.
    let mut socket = TcpStream::connect(app.api()).unwrap();
    let head = "POST /api/v1/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 999999999999\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    socket.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");

    let (token, _) = app.login("ann", PASSWORD).await;
    let packed = app.get("/api/v1/users/me").token(&token).header("accept-encoding", "br").await.expect(200);
    assert_eq!(packed.header("content-encoding"), "br");

    let seen = scrape(&app).await;
    let register = r#"method="POST",route="/api/v1/auth/register""#;
    let me = r#"method="GET",route="/api/v1/users/me""#;
    for (series, expected) in [
        (format!("http_request_size_bytes_sum{{{register}}}"), person.len()),
        (format!("http_request_size_bytes_count{{{register}}}"), 2),
        (format!("http_response_size_bytes_sum{{{me}}}"), packed.body.len()),
        (format!("http_response_size_bytes_count{{{me}}}"), 1),
    ] {
        assert_eq!(seen.get(&series), Some(&(expected as f64)), "{series}\n{seen:#?}");
    }
}

/// 20,000 random paths, 500 random methods, hosts and user agents.
#[tokio::test]
async fn clients_add_next_to_no_series() {
    let app = measured().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["/health", "/nowhere", "/api/v1/users/0"] {
        app.get(path).await;
    }
    let before = scrape(&app).await.len();
    let ask = |number: u32| {
        let (client, mut url) =
            (client.clone(), app.url(&format!("/{number:x}/{}", number.wrapping_mul(2_654_435_761))));
        if number.is_multiple_of(3) {
            url = app.url(&format!("/api/v1/users/{number}?q={number}"));
        }
        let method = match number % 40 {
            0 => Method::from_bytes(format!("M{number}").as_bytes()).unwrap(),
            _ => Method::GET,
        };
        let host = format!("h{number}.example");
        async move {
            let request = client
                .request(method, url)
                .header("host", host)
                .header("user-agent", format!("agent/{number}"));
            request.send().await.unwrap().status().as_u16()
        }
    };
    for begin in (0..20_000).step_by(200) {
        let statuses = futures_util::future::join_all((begin..begin + 200).map(ask)).await;
        assert!(statuses.iter().all(|status| matches!(status, 400..=499)), "{statuses:?}");
    }
    let after = scrape(&app).await;
    assert!(after.len() <= before + 20, "{} more", after.len() - before);
    let counted: f64 =
        after.iter().filter(|(name, _)| name.starts_with("http_requests_total")).map(|(_, n)| n).sum();
    assert_eq!(counted, 20_003.0);
}

#[tokio::test]
async fn the_exposition_is_what_prometheus_reads() {
    let app = measured().await;
    app.register("ann").await;
    app.get("/api/v1/users/me").await.expect(401);
    let plain = app.get(&managed(&app, "/metrics")).await.expect(200);
    assert_eq!(plain.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let mut promtool = std::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("promtool is installed (scripts/test does it)");
    promtool.stdin.take().unwrap().write_all(&plain.body).unwrap();
    let verdict = promtool.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&verdict.stderr).into_owned() + &String::from_utf8_lossy(&verdict.stdout);
    assert!(verdict.status.success() && said.is_empty(), "{said}");

    let open = app.get(&managed(&app, "/metrics"));
    let open = open.header("accept", "application/openmetrics-text;version=1.0.0").await.expect(200);
    assert_eq!(open.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.text().ends_with("# EOF\n") && open.text().contains("# TYPE http_requests counter\n"));
    assert!(open.text().contains("# UNIT http_request_duration_seconds seconds\n"));
}

/// Whatever is measured is declared, and so is in `docs/metrics.md`.
#[tokio::test]
async fn every_metric_is_declared_and_documented() {
    let app = measured().await;
    app.register("ann").await;
    let text = app.get(&managed(&app, "/metrics")).await.expect(200).text();
    let declared: Vec<_> =
        palisade_api::server().build().unwrap().metrics().iter().map(|metric| metric.name).collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(declared.contains(&name), "{name} is not declared");
    }
    let shown = |name: &&str| text.contains(&format!("# TYPE {name} "));
    let hidden: Vec<_> = declared.iter().filter(|name| !shown(name)).collect();
    assert!(hidden.is_empty(), "not shown: {hidden:?}");
    let mut unique = declared.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), declared.len(), "a metric is declared twice");
    assert!(declared.len() >= 50, "{}", declared.len());
}

#[tokio::test]
async fn where_nothing_is_measured_there_is_nothing_to_see() {
    let app = TestApp::spawn().await;
    let answer = app.get(&managed(&app, "/metrics")).await.expect(404);
    assert!(answer.text().contains("TELEMETRY_MODE"), "{}", answer.text());
}
