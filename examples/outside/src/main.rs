//! A program outside of the workspace: the whole server, a domain of one route, a rate limiter of its own, and a layer from
//! actix-web.

use std::{
    num::NonZeroU32,
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use actix_web::{HttpResponse, get, middleware::DefaultHeaders};
use palisade_http::access::Caller;
use palisade_ratelimit::{Checking, Decision, LimitKey, Policy, RateLimiter};
use palisade_server::{Domain, Position, Server};

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

fn greetings() -> Domain {
    Domain::new("greetings")
        .tags(&[("greetings", "Say something nice.")])
        .permission("greetings:read", "Be greeted.")
        .grant("user", ["greetings:read"])
        .routes(|config| {
            config.service(greet);
        })
}

/// Lets so many requests through, from whomever, and no more until the program is started again.
#[derive(Debug)]
struct Ticket(AtomicU32);

impl RateLimiter for Ticket {
    fn check<'a>(&'a self, policy: &'a Policy, _: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        let take = |left: u32| left.checked_sub(cost.get());
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        let quota = policy.quotas()[0];
        Checking::now(Ok(Decision {
            allowed: left.is_ok(),
            quota,
            remaining: left.map_or(0, |before| before - cost.get()),
            reset_after: Duration::from_secs(60),
            retry_after: left.is_err().then_some(Duration::from_secs(60)),
        }))
    }
}

fn main() -> ExitCode {
    Server::new("outside")
        .version(env!("CARGO_PKG_VERSION"))
        .domain(palisade_users::domain())
        .domain(palisade_auth::domain())
        .domain(greetings())
        .rate_limiter(|_| Ticket(AtomicU32::new(20)))
        .layer(Position::Handlers, || DefaultHeaders::new().add(("x-outside", "yes")))
        .main()
}
