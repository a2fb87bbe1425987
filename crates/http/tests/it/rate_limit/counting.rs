//! Who is over the limit is refused, and let in again.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpResponse, get, web};
use palisade_core::SystemClock;
use palisade_http::rate_limit::{Limits, RateLimit, credential_limit, limit};
use palisade_ratelimit::{Algorithm, Checking, Error, LimitKey, Policy, Quota, RateLimiter};

use super::desk::{Desk, from, ok, remaining};

#[actix_web::test]
async fn what_is_left_counts_down_and_waiting_helps() {
    let desk = Desk::new();
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        let limit = limit(algorithm.as_str(), Quota::per_minute(3)).algorithm(algorithm);
        let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
        for left in [2, 1, 0] {
            let answer = app.get("/").await;
            assert_eq!((answer.status, remaining(&answer)), (200, left), "{algorithm:?}");
        }
        let refused = app.get("/").await;
        assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
        assert_eq!(remaining(&refused), 0);
        desk.advance(refused.header("retry-after").unwrap().parse().unwrap());
        assert_eq!(app.get("/").await.status, 200, "{algorithm:?}");
    }
}

/// Which of the moments of a patient guesser, one each second for five minutes, were let through.
async fn seconds_let_through(limit: RateLimit) -> Vec<u64> {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    let mut passed = Vec::new();
    for second in 0..300 {
        if app.get("/").await.status == 200 {
            passed.push(second);
        }
        desk.advance(1);
    }
    passed
}

fn most_in_a_minute(passed: &[u64]) -> usize {
    let within = |first: u64| passed.iter().filter(|second| (first..first + 60).contains(*second)).count();
    passed.iter().map(|first| within(*first)).max().unwrap()
}

#[actix_web::test]
async fn ten_attempts_a_minute_are_never_eleven_in_any_sixty_seconds() {
    let ten = Quota::per_minute(10);
    let passed = seconds_let_through(credential_limit("login", ten)).await;
    assert_eq!(most_in_a_minute(&passed), 10, "{passed:?}");
    // A window and a twelfth after the first ten the next are let in: nobody is shut out.
    assert!(passed.len() >= 40, "{passed:?}");
    let in_a_bucket = seconds_let_through(limit("bucket", ten)).await;
    assert_eq!(most_in_a_minute(&in_a_bucket), 19, "what a token bucket promises is less");
}

#[actix_web::test]
async fn credential_limits_have_no_burst() {
    let limited = credential_limit("login", Quota::per_minute(2).with_burst(5));
    let app = Desk::new().serve(App::new().service(web::resource("/").wrap(limited).to(ok))).await;
    assert_eq!(app.statuses("/", 3).await, [200, 200, 429]);
    assert_eq!(app.get("/").await.header("ratelimit-policy"), Some(r#""login";q=2;w=60"#));
}

#[get("/hello", wrap = "limit(\"hello\", Quota::per_minute(1))")]
async fn hello() -> HttpResponse {
    ok().await
}

#[actix_web::test]
async fn a_limit_is_declared_at_the_route() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(hello)).await;
    assert_eq!(app.statuses("/hello", 2).await, [200, 429]);
}

#[actix_web::test]
async fn routes_of_a_group_and_limits_of_one_name_share_a_count() {
    let desk = Desk::new();
    let group = || web::scope("/group").wrap(limit("group", Quota::per_minute(2)));
    let app = App::new().service(group().route("/a", web::get().to(ok)).route("/b", web::get().to(ok)));
    let again = web::resource("/again").wrap(limit("group", Quota::per_minute(2))).to(ok);
    let app = desk.serve(app.service(again)).await;
    assert_eq!(app.get("/group/a").await.status, 200);
    assert_eq!(app.get("/again").await.status, 200);
    assert_eq!(app.get("/group/b").await.status, 429);
}

#[actix_web::test]
async fn clients_do_not_share() {
    let desk = Desk::new();
    let limited = web::resource("/").wrap(limit("one", Quota::per_minute(1))).to(ok);
    let app = desk.serve(App::new().service(limited)).await;
    assert_eq!(app.call(from("203.0.113.1")).await.status, 200);
    assert_eq!(app.call(from("203.0.113.2")).await.status, 200);
    assert_eq!(app.call(from("203.0.113.1")).await.status, 429);
}

#[actix_web::test]
async fn what_is_refused_reaches_no_handler() {
    let desk = Desk::new();
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let handler = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        ok()
    };
    let limited = web::resource("/").wrap(limit("reached", Quota::per_minute(2))).to(handler);
    let app = desk.serve(App::new().service(limited)).await;
    assert_eq!(app.statuses("/", 5).await, [200, 200, 429, 429, 429]);
    assert_eq!(reached.load(Ordering::Relaxed), 2);
}

#[actix_web::test]
async fn several_quotas_all_hold() {
    let desk = Desk::new();
    let limit =
        limit("both", Quota::per_second(2)).also(Quota::per_minute(3)).algorithm(Algorithm::FixedWindow);
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    assert_eq!(app.statuses("/", 3).await, [200, 200, 429]);
    desk.advance(1);
    assert_eq!(app.statuses("/", 2).await, [200, 429]);
}

#[actix_web::test]
async fn a_dear_request_counts_as_several() {
    let desk = Desk::new();
    let limit = limit("dear", Quota::per_minute(10)).cost(4);
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    assert_eq!(remaining(&app.get("/").await), 6);
    assert_eq!(remaining(&app.get("/").await), 2);
    let refused = app.get("/").await;
    assert_eq!((refused.status, remaining(&refused)), (429, 2));
}

#[actix_web::test]
async fn limits_that_are_off_let_everything_pass_in_silence() {
    let desk = Desk { limits: Limits::off(), ..Desk::new() };
    let app = desk.serve(App::new().service(hello)).await;
    assert_eq!(app.statuses("/hello", 3).await, [200, 200, 200]);
    assert_eq!(app.get("/hello").await.header("x-ratelimit-limit"), None);
}

#[actix_web::test]
async fn without_limits_of_the_app_a_limit_counts_by_itself() {
    let limit = limit("alone", Quota::per_hour(2));
    let mut statuses = Vec::new();
    for _worker in 0..3 {
        let app = App::new().service(web::resource("/").wrap(limit.clone()).to(ok));
        let app = actix_web::test::init_service(app).await;
        statuses.push(
            actix_web::test::call_service(&app, from("203.0.113.9").to_request()).await.status().as_u16(),
        );
    }
    assert_eq!(statuses, [200, 200, 429], "its clones count together");
}

/// A limiter whose store is lost and that nothing stands in for.
#[derive(Debug)]
struct Lost;

impl RateLimiter for Lost {
    fn check<'a>(&'a self, _: &'a Policy, _: &'a LimitKey, _: NonZeroU32) -> Checking<'a> {
        Checking::now(Err(Error::unavailable("connection refused")))
    }
}

#[actix_web::test]
async fn where_nothing_can_count_nothing_passes() {
    let desk = Desk { limits: Limits::new(Arc::new(Lost), Arc::new(SystemClock)), ..Desk::new() };
    let app = desk.serve(App::new().service(hello)).await;
    let answer = app.get("/hello").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "service_unavailable"));
    assert!(answer.header("retry-after").is_some());
    assert!(!String::from_utf8_lossy(&answer.body).contains("connection refused"));
}

#[actix_web::test]
async fn a_limit_that_cannot_be_is_no_open_door() {
    let desk = Desk::new();
    let five = (0..4).fold(limit("five", Quota::per_second(1)), |limit, _| limit.also(Quota::per_day(1)));
    let unnamed = limit("", Quota::per_second(1));
    for impossible in [five, unnamed] {
        let app = desk.serve(App::new().service(web::resource("/").wrap(impossible).to(ok))).await;
        assert_eq!(app.get("/").await.status, 500);
    }
}

#[actix_web::test]
async fn a_policy_of_any_make_can_be_given() {
    let desk = Desk::new();
    let quota = Quota::new(2, Duration::from_millis(1_500)).unwrap();
    let policy = Policy::new("odd", Algorithm::FixedWindow, [quota]).unwrap();
    let app = App::new().service(web::resource("/").wrap(RateLimit::new(policy)).to(ok));
    let answer = desk.serve(app).await.get("/").await;
    assert_eq!(answer.header("ratelimit-policy"), Some("\"odd\";q=2;w=2"));
}
