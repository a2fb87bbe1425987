//! Rate limits, as clients of the server meet them.

use std::{future::IntoFuture as _, net::IpAddr};

use futures_util::future::join_all;
use palisade_testkit::{PASSWORD, TestApp, TestResponse};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    errors::{Form, problems_of},
    support::until,
};

/// A path that answers 401 without credentials and 200 with.
const ME: &str = "/api/v1/users/me";
const LOGIN: &str = "/api/v1/auth/login";

/// A server that lets a client make so many requests an hour, all at once if it likes.
async fn limited(requests: u32, key: &str) -> TestApp {
    TestApp::builder()
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", requests)
        .set("rate_limit.window_seconds", 3_600)
        .set("rate_limit.per_hour", 0)
        .set("rate_limit.burst", 0)
        .set("rate_limit.key", key)
        .spawn()
        .await
}

fn remaining(answer: &TestResponse) -> u32 {
    answer.header("x-ratelimit-remaining").parse().expect("a limited route")
}

/// The status that a client at another address of this machine gets.
async fn status_at(app: &TestApp, address: &str, path: &str, token: &str) -> StatusCode {
    let address: IpAddr = address.parse().unwrap();
    let client = reqwest::Client::builder().no_proxy().local_address(address).build().unwrap();
    client.get(app.url(path)).bearer_auth(token).send().await.unwrap().status()
}

#[tokio::test]
async fn in_the_environment_test_nothing_is_limited_unless_asked_for() {
    let app = TestApp::spawn().await;
    for _ in 0..20 {
        let answer =
            app.post(LOGIN).json(&json!({"username": "nobody", "password": PASSWORD})).await.expect(401);
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
}

#[tokio::test]
async fn what_is_left_counts_down_to_a_refusal_in_either_form() {
    let app = limited(3, "ip").await;
    for left in [2, 1, 0] {
        let answer = app.get(ME).await.expect(401);
        assert_eq!((answer.header("x-ratelimit-limit"), remaining(&answer)), ("3", left));
        assert_eq!(answer.header("ratelimit-policy"), r#""api";q=3;w=3600"#);
    }
    for form in Form::BOTH {
        let refused = app.get(ME).header("accept", form.media_type()).await.expect(429);
        assert_eq!(problems_of(&refused, form), Vec::<String>::new());
        assert_eq!(refused.code(), "rate_limited");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=1_200).contains(&wait), "a third of an hour brings one more: {wait}");
        assert_eq!(remaining(&refused), 0);
        assert!(refused.header("ratelimit").starts_with(r#""api";r=0;t="#), "{refused:?}");
    }
}

#[tokio::test]
async fn the_reset_is_a_moment_to_come() {
    let app = limited(60, "ip").await;
    let answer = app.get(ME).await;
    let date = chrono::DateTime::parse_from_rfc2822(answer.header("date")).unwrap().timestamp();
    let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
    assert!((59..=62).contains(&(reset - date)), "one of 60 an hour is back in a minute: {}", reset - date);
}

#[tokio::test]
async fn all_workers_together_let_through_what_one_would() {
    let app = limited(40, "ip").await;
    let answers = join_all((0..120).map(|_| app.get(ME).into_future())).await;
    let passed = answers.iter().filter(|answer| answer.status != 429).count();
    assert_eq!(passed, 40);
}

#[tokio::test]
async fn health_is_never_limited() {
    let app = limited(1, "ip").await;
    app.get(ME).await.expect(401);
    app.get(ME).await.expect(429);
    for path in
        ["/health", "/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/health/startup"]
    {
        let answer = app.get(path).await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), "", "{path}");
    }
}

#[tokio::test]
async fn no_spelling_and_no_method_is_a_way_around() {
    let app = limited(1, "ip").await;
    app.get(ME).await.expect(401);
    for path in [
        "/%61pi/v1/users/me",
        "/api/%76%31/users/me",
        "/api/v1/%75sers/%6d%65",
        "/api/v1/nothing",
        "/api/v1/",
    ] {
        for method in ["GET", "OPTIONS", "DELETE"] {
            let request = format!("{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            let answer = TestResponse::from_raw(&app.raw(request).await).expect("an answer");
            assert_eq!(answer.status, 429, "{method} {path}");
        }
        assert_eq!(app.call(Method::HEAD, path).await.status, 429, "HEAD {path}");
    }
}

#[tokio::test]
async fn looking_for_routes_is_counted() {
    let app = limited(10, "ip").await;
    for path in ["/api/v1/.env", "/api/v1/admin", "/api/v1/users/../.git"] {
        app.get(path).await;
    }
    assert!(remaining(&app.get(ME).await) <= 7);
}

#[tokio::test]
async fn a_flood_of_bad_tokens_takes_nothing_from_a_user() {
    let app = limited(30, "user").await;
    let ann = app.register("ann").await;
    let before = remaining(&app.get(ME).token(&ann.access_token).await.expect(200));
    let flood = join_all((0..60).map(|n| app.get(ME).token(&format!("forged{n}")).into_future())).await;
    assert!(flood.iter().any(|answer| answer.status == 429), "the flood itself is limited");
    let after = remaining(&app.get(ME).token(&ann.access_token).await.expect(200));
    assert_eq!(after, before - 1);
}

#[tokio::test]
async fn a_flood_from_another_address_takes_nothing_from_mine() {
    let app = limited(5, "ip").await;
    let before = remaining(&app.get(ME).await);
    for _ in 0..5 {
        assert_eq!(status_at(&app, "127.0.0.2", ME, "forged").await, 401);
    }
    assert_eq!(status_at(&app, "127.0.0.2", ME, "forged").await, 429);
    assert_eq!(remaining(&app.get(ME).await), before - 1);
}

#[tokio::test]
async fn a_user_at_two_addresses_is_one_by_user_and_two_by_both() {
    for (key, status) in [("user", 429), ("ip_user", 200)] {
        let app = limited(3, key).await;
        let ann = app.register("ann").await;
        for _ in 0..3 {
            app.get(ME).token(&ann.access_token).await.expect(200);
        }
        app.get(ME).token(&ann.access_token).await.expect(429);
        assert_eq!(status_at(&app, "127.0.0.2", ME, &ann.access_token).await, status, "{key}");
    }
}

#[tokio::test]
async fn api_keys_that_are_made_up_are_no_new_clients() {
    let app = limited(3, "api_key").await;
    for (n, status) in [401, 401, 401, 429].into_iter().enumerate() {
        app.get(ME).header("x-api-key", format!("made-up-{n}")).await.expect(status);
    }
}

#[tokio::test]
async fn passwords_can_be_tried_ten_times_in_a_row_wherever_and_in_whatever_form() {
    let app = limited(1_000, "ip").await;
    let ann = app.register("ann").await;
    for attempt in 0..9 {
        let path = if attempt % 2 == 0 { LOGIN } else { "/auth/login" };
        let call = app.post(path);
        let wrong = [("username", "ann"), ("password", "wrong-Password-1")];
        let answer = if attempt % 3 == 0 {
            call.form(&wrong).await
        } else {
            call.json(&json!({"username": "ann", "password": "wrong-Password-1"})).await
        };
        assert_eq!((answer.status, remaining(&answer)), (401, 8 - attempt), "{path}");
    }
    let right = json!({"username": "ann", "password": PASSWORD});
    for path in [LOGIN, "/auth/login"] {
        let refused = app.post(path).json(&right).await.expect(429);
        assert_eq!(problems_of(&refused, Form::Envelope), Vec::<String>::new());
        assert_eq!(refused.header("x-ratelimit-limit"), "10");
    }
    let policies = app.post(LOGIN).json(&right).await.header("ratelimit-policy").to_owned();
    assert_eq!(policies, r#""api";q=1000;w=3600, "login";q=10;w=60, "login-3600s";q=100;w=3600"#);
    app.get(ME).token(&ann.access_token).await.expect(200);
}

#[tokio::test]
async fn the_present_password_cannot_be_guessed_with_a_stolen_token() {
    let app = limited(1_000, "ip").await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let guess = json!({"current_password": "wrong-Password-1", "new_password": "violet-Tractor-94-lamp"});
    let change =
        |token: &str| app.post("/api/v1/auth/password/change").token(token).json(&guess).into_future();
    for _ in 0..5 {
        assert_ne!(change(&ann.access_token).await.status, 429);
    }
    change(&ann.access_token).await.expect(429);
    assert_ne!(change(&bob.access_token).await.status, 429, "by user, not by address");
}

#[tokio::test]
async fn accounts_are_not_made_by_the_dozen() {
    let app = limited(1_000, "ip").await;
    let sign_up = |n: u32| {
        let body = json!({"email": format!("u{n}@example.com"), "username": format!("user{n}"), "password": "short"});
        app.post("/api/v1/auth/register").json(&body).into_future()
    };
    for n in 0..10 {
        sign_up(n).await.expect(422);
    }
    sign_up(10).await.expect(429);
}

#[tokio::test]
async fn a_rested_client_sends_requests_and_burst_at_once() {
    for (algorithm, burst, wanted) in [
        ("token_bucket", 0, 60),
        ("token_bucket", 10, 70),
        ("sliding_window", 10, 70),
        ("fixed_window", 0, 60),
        ("fixed_window", 10, 70),
    ] {
        let app = TestApp::builder()
            .set("rate_limit.enabled", true)
            .set("rate_limit.algorithm", algorithm)
            .set("rate_limit.requests", 60)
            .set("rate_limit.burst", burst)
            // Nothing comes back while the test runs.
            .set("rate_limit.window_seconds", 86_400)
            .set("rate_limit.per_hour", 0)
            .spawn()
            .await;
        let first = app.get(ME).await;
        assert_eq!(
            (first.header("x-ratelimit-limit"), remaining(&first)),
            (&*wanted.to_string(), wanted - 1)
        );
        let answers = join_all((0..74).map(|_| app.get(ME).into_future())).await;
        let passed = answers.iter().filter(|answer| answer.status == 401).count() + 1;
        assert_eq!(passed, wanted as usize, "{algorithm} with a burst of {burst}");
    }
}

/// Sends 12 attempts of each kind and gives how many were answered by something else than 429, with the policy that the
/// last answer told.
async fn attempts(call: impl AsyncFn() -> TestResponse) -> (usize, String) {
    let mut passed = 0;
    let mut policy = String::new();
    for _ in 0..12 {
        let answer = call().await;
        passed += usize::from(answer.status != 429);
        answer.header("ratelimit-policy").clone_into(&mut policy);
    }
    (passed, policy)
}

#[tokio::test]
async fn every_route_that_takes_a_credential_has_a_limit_without_burst() {
    let app = limited(1_000, "ip").await;
    let ann = app.register("ann").await;
    let wrong = json!({"username": "ann", "password": "wrong-Password-1"});
    let change = json!({"current_password": "wrong-Password-1", "new_password": "violet-Tractor-94-lamp"});
    let link = app.first_admin().expect("a link").to_owned();
    let (passed, policy) = attempts(async || app.post(LOGIN).json(&wrong).await).await;
    // She has signed in once.
    assert_eq!((passed, policy.contains("burst")), (9, false), "{policy}");
    let token = ann.access_token.as_str();
    let (passed, policy) =
        attempts(async || app.post("/api/v1/auth/password/change").token(token).json(&change).await).await;
    assert_eq!((passed, policy.contains("burst")), (5, false), "{policy}");
    let (passed, policy) = attempts(async || app.post(&link).json(&json!({"email": "x"})).await).await;
    assert_eq!((passed, policy.contains("burst")), (10, false), "{policy}");
    let refresh = json!({"refresh_token": "made-up"});
    let (_, policy) = attempts(async || app.post("/api/v1/auth/refresh").json(&refresh).await).await;
    assert!(policy.contains(r#""refresh";q=60;w=60"#) && !policy.contains("burst"), "{policy}");
    let (_, policy) = attempts(async || app.post("/api/v1/auth/register").json(&json!({})).await).await;
    assert!(policy.contains(r#""register";q=10;w=60, "register-3600s";q=50;w=3600"#), "{policy}");
}

#[tokio::test]
async fn one_who_waits_as_told_is_let_in() {
    let app = TestApp::builder()
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", 2)
        .set("rate_limit.burst", 0)
        .set("rate_limit.window_seconds", 6)
        .spawn()
        .await;
    app.get(ME).await.expect(401);
    app.get(ME).await.expect(401);
    let refused = app.get(ME).await.expect(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    // Refusals count for nothing: a client that keeps asking is admitted too.
    until(|| app.get(ME), |answer| answer.status == 401).await;
}
