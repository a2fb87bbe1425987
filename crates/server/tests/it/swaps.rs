//! Each concern can be replaced from outside.

mod stores;

use std::{
    future::ready,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::dev::ServiceRequest;
use chrono::{DateTime, Utc};
use futures_util::future::Either;
use palisade_auth::{HashError, Hasher, PasswordHash};
use palisade_core::{
    Clock, Principal, Random, SystemRandom,
    error::{Error, ErrorBody, ErrorFormat, Occurrence, Rendered},
};
use palisade_http::access::{Authenticating, Authenticator, Freshness, missing_token};
use palisade_ratelimit::{Checking, Decision, LimitKey, Policy, RateLimiter};
use palisade_server::{Failure, Server};
use palisade_telemetry::metrics::{Declaration, Measure, Measurement, Telemetry};
use palisade_testkit::TestApp;

use crate::notes;

/// Lets so many requests through, and then none.
#[derive(Debug)]
struct Tickets(AtomicU32);

impl RateLimiter for Tickets {
    fn check<'a>(&'a self, policy: &'a Policy, _: &'a LimitKey, _: NonZeroU32) -> Checking<'a> {
        let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let minute = Duration::from_secs(60);
        Checking::now(Ok(Decision {
            allowed: before.is_ok(),
            quota: policy.quotas()[0],
            remaining: before.map_or(0, |before| before - 1),
            reset_after: minute,
            retry_after: before.is_err().then_some(minute),
        }))
    }
}

#[tokio::test]
async fn a_limiter() {
    let server = notes::server().rate_limiter(|_| Tickets(AtomicU32::new(2)));
    let app = TestApp::builder().server(server).set("rate_limit.enabled", true).spawn().await;
    app.get("/api/v1/meta").await.expect(200);
    assert_eq!(app.get("/api/v1/meta").await.expect(200).header("x-ratelimit-remaining"), "0");
    assert_eq!(app.get("/api/v1/meta").await.expect(429).header("retry-after"), "60");
}

/// Keeps passwords reversed. It is as bad as it is short.
struct Reversed;

impl Hasher for Reversed {
    fn hash(&self, password: &str) -> Result<PasswordHash, HashError> {
        let reversed: String = password.bytes().rev().map(|byte| format!("{byte:02x}")).collect();
        PasswordHash::from_phc(format!("$reversed$v=1${reversed}"))
    }

    fn verify(&self, password: &str, hash: &PasswordHash) -> Result<bool, HashError> {
        Ok(self.hash(password)?.as_phc() == hash.as_phc())
    }

    fn needs_rehash(&self, _: &PasswordHash) -> bool {
        false
    }

    fn decoy(&self) -> Result<PasswordHash, HashError> {
        self.hash("nobody has this password")
    }
}

#[tokio::test]
async fn a_hasher() {
    let server = notes::server().replace(|_| ready(Ok::<Arc<dyn Hasher>, Failure>(Arc::new(Reversed))));
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    let wrong = serde_json::json!({"username": "ann", "password": "seven green herons wade by"});
    app.post("/api/v1/auth/login").json(&wrong).await.expect(401);
}

/// Believes a header, as behind a proxy that has verified the caller.
struct Proxied;

impl Authenticator for Proxied {
    fn authenticate<'a>(&'a self, request: &'a ServiceRequest, _: Freshness) -> Authenticating<'a> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let permissions =
            header("x-permissions").into_iter().flat_map(|all| all.split(' ')).map(str::to_owned);
        let caller = header("x-subject").map(|subject| Principal::external(subject, permissions));
        Either::Left(ready(caller.ok_or_else(missing_token)))
    }
}

#[tokio::test]
async fn an_authenticator_whose_callers_are_no_users_of_ours() {
    let server = notes::server().authenticator(|_| Proxied);
    let app = TestApp::builder().server(server).spawn().await;
    let called = |path: &str, permissions: &str| {
        app.get(path).header("x-subject", "auth0|ann").header("x-permissions", permissions)
    };
    app.get("/api/v1/notes").await.expect(401);
    called("/api/v1/notes", "notes:write").await.expect(403);
    called("/api/v1/notes", "notes:read").await.expect(200);
    // What is about an account of this service is not for them.
    called("/api/v1/users/me", "").await.expect(403);
    called("/api/v1/auth/sessions", "").await.expect(403);
    // Two callers with one idempotency key are two callers.
    for subject in ["auth0|ann", "auth0|bob"] {
        let written = app.post("/api/v1/notes").header("x-subject", subject).header("idempotency-key", "k");
        let written = written.body("text/plain", "milk").await.expect(201);
        assert_eq!(written.header("idempotency-replayed"), "");
    }
}

#[tokio::test]
async fn an_authenticator_alone_without_a_domain_of_users() {
    let server = Server::new("alone").domain(notes::domain()).authenticator(|_| Proxied);
    let app = TestApp::builder().server(server).spawn().await;
    app.get("/api/v1/notes").await.expect(401);
    let called = app.get("/api/v1/notes").header("x-subject", "ann").header("x-permissions", "notes:*");
    called.await.expect(200);
}

/// Stands still.
struct Stopped(DateTime<Utc>);

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Counts how often it is asked.
struct Counted(Arc<AtomicU64>);

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fetch_add(1, Ordering::SeqCst);
        SystemRandom.fill(bytes);
    }
}

#[tokio::test]
async fn a_clock_and_randomness() {
    let asked = Arc::new(AtomicU64::new(0));
    let moment = "2031-05-06T07:08:09Z".parse().unwrap();
    let server =
        notes::server().clock(Arc::new(Stopped(moment))).random(Arc::new(Counted(Arc::clone(&asked))));
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200).json();
    assert_eq!(me["created_at"], "2031-05-06T07:08:09Z");
    assert!(asked.load(Ordering::SeqCst) > 0);
}

/// Adds up one metric.
struct Sum(&'static str, Arc<AtomicU64>);

impl Telemetry for Sum {
    fn series(&self, metric: &Declaration, _: &[&str]) -> Option<Arc<dyn Measure>> {
        let sum = Arc::clone(&self.1);
        (metric.name == self.0).then(|| {
            Arc::new(move |measurement: Measurement<'_>| {
                if let Measurement::Add(count) = measurement {
                    sum.fetch_add(count, Ordering::SeqCst);
                }
            }) as Arc<dyn Measure>
        })
    }
}

#[tokio::test]
async fn a_receiver_of_measurements() {
    let sum = Arc::new(AtomicU64::new(0));
    let server = notes::server().telemetry(Arc::new(Sum("notes_written_total", Arc::clone(&sum))));
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    for text in ["milk", "eggs"] {
        app.post("/api/v1/notes").token(&ann.access_token).body("text/plain", text).await.expect(201);
    }
    assert_eq!(sum.load(Ordering::SeqCst), 2);
}

/// The status and the message, as text.
#[derive(Debug)]
struct Plain;

impl ErrorBody for Plain {
    fn render(&self, error: &Error, _: ErrorFormat, _: &Occurrence<'_>) -> Rendered {
        let text = format!("{}: {}", error.status(), error.message());
        Rendered { media_type: "text/plain; charset=utf-8", body: text.into_bytes() }
    }
}

#[tokio::test]
async fn the_form_of_error_bodies() {
    let app = TestApp::builder().server(notes::server().error_body(Plain)).spawn().await;
    let refused = app.get("/api/v1/notes").await.expect(401);
    assert_eq!(refused.text(), "401: An access token is needed");
    assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
    assert!(app.get("/nowhere").await.expect(404).text().starts_with("404: "));
}
