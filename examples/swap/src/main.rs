//! The server behind an identity provider of another kind, with a limiter, an error body and a layer of the program's own.

use std::{
    future::ready,
    num::NonZeroU32,
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use actix_web::{HttpResponse, dev::ServiceRequest, get, middleware::DefaultHeaders};
use futures_util::future::Either;
use palisade_core::{
    Principal,
    error::{Error, ErrorBody, ErrorFormat, Occurrence, Rendered},
};
use palisade_http::access::{Authenticating, Authenticator, Caller, Freshness, missing_token};
use palisade_ratelimit::{Checking, Decision, LimitKey, Policy, Quota, RateLimiter};
use palisade_server::{Domain, Position, Server};

/// Takes the caller from the headers of a proxy that has verified it. Nobody else may reach the server then.
struct BehindAProxy;

impl Authenticator for BehindAProxy {
    fn authenticate<'a>(&'a self, request: &'a ServiceRequest, _: Freshness) -> Authenticating<'a> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let permissions =
            header("x-permissions").into_iter().flat_map(|all| all.split(' ')).map(str::to_owned);
        let caller = header("x-subject").map(|subject| Principal::external(subject, permissions));
        Either::Left(ready(caller.ok_or_else(missing_token)))
    }
}

/// Lets so many requests through, from whomever, and no more until the program is started again.
#[derive(Debug)]
struct Tickets(AtomicU32);

impl RateLimiter for Tickets {
    fn check<'a>(&'a self, policy: &'a Policy, _: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        let take = |left: u32| left.checked_sub(cost.get());
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        let minute = Duration::from_secs(60);
        Checking::now(Ok(Decision {
            allowed: before.is_ok(),
            quota: policy.quotas().first().copied().unwrap_or(Quota::per_minute(1)),
            remaining: before.map_or(0, |before| before - cost.get()),
            reset_after: minute,
            retry_after: before.is_err().then_some(minute),
        }))
    }
}

/// The message alone.
#[derive(Debug)]
struct Plain;

impl ErrorBody for Plain {
    fn render(&self, error: &Error, _: ErrorFormat, _: &Occurrence<'_>) -> Rendered {
        Rendered { media_type: "text/plain; charset=utf-8", body: error.message().as_bytes().to_vec() }
    }
}

/// Greet the caller
#[utoipa::path(
    tag = "greetings",
    security(("bearer" = ["greetings:read"])),
    responses((status = 200, description = "A greeting", body = String, content_type = "text/plain"))
)]
#[get("/greetings")]
async fn greet(Caller(caller): Caller) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body(format!("Good morning, {}", caller.subject))
}

fn main() -> ExitCode {
    let greetings = Domain::new("greetings")
        .tags(&[("greetings", "Say something nice.")])
        .permission("greetings:read", "Be greeted.")
        .routes(|config| {
            config.service(greet);
        });
    Server::new("swapped")
        .version(env!("CARGO_PKG_VERSION"))
        .domain(greetings)
        .authenticator(|_| BehindAProxy)
        .rate_limiter(|_| Tickets(AtomicU32::new(1_000)))
        .error_body(Plain)
        .layer(Position::Handlers, || DefaultHeaders::new().add(("x-swapped", "yes")))
        .main()
}
