//! What a client learns from the headers.

use actix_web::{App, HttpResponse, http::header::ACCEPT, web};
use palisade_http::rate_limit::{RateLimit, limit};
use palisade_ratelimit::{Algorithm, Quota};

use super::desk::{Desk, from, items, ok, remaining};
use crate::world::Answer;

fn policies(answer: &Answer) -> Vec<(String, i64, i64)> {
    items(answer, "ratelimit-policy", ["q", "w"])
}

fn states(answer: &Answer) -> Vec<(String, i64, i64)> {
    items(answer, "ratelimit", ["r", "t"])
}

fn named(name: &str, first: i64, second: i64) -> (String, i64, i64) {
    (name.to_owned(), first, second)
}

fn api() -> RateLimit {
    limit("api", Quota::per_minute(3)).algorithm(Algorithm::FixedWindow)
}

#[actix_web::test]
async fn each_answer_says_the_limit_what_is_left_and_when_it_is_whole_again() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(web::resource("/").wrap(api()).to(ok))).await;
    for (status, left) in [(200, 2), (200, 1), (200, 0), (429, 0), (429, 0)] {
        let answer = app.get("/").await;
        assert_eq!((answer.status, remaining(&answer)), (status, left));
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(policies(&answer), [named("api", 3, 60)]);
        let [(name, r, t)] = &states(&answer)[..] else { panic!("{answer:?}") };
        assert_eq!((name.as_str(), *r), ("api", left));
        assert!((1..=60).contains(t), "{answer:?}");
        let reset: i64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!((0..=1).contains(&(reset - desk.now() - t)), "{answer:?} at {}", desk.now());
        assert_eq!(answer.header("retry-after").map(str::to_owned), (status == 429).then(|| t.to_string()));
    }
}

#[actix_web::test]
async fn a_bucket_says_one_second_where_it_refills_each_second() {
    let desk = Desk::new();
    let limit = limit("api", Quota::per_minute(60));
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    let answer = app.get("/").await;
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""api";q=60;w=60"#));
    assert_eq!(answer.header("ratelimit"), Some(r#""api";r=59;t=1"#));
}

#[actix_web::test]
async fn a_burst_counts_in_every_header_and_is_named() {
    let desk = Desk::new();
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        let limit = limit(algorithm.as_str(), Quota::per_minute(60).with_burst(10)).algorithm(algorithm);
        let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
        let first = app.get("/").await;
        assert_eq!((first.header("x-ratelimit-limit"), remaining(&first)), (Some("70"), 69));
        let policy = format!("\"{}\";q=70;w=60;burst=10", algorithm.as_str());
        assert_eq!(first.header("ratelimit-policy"), Some(policy.as_str()));
        assert_eq!(states(&first)[0].1, 69);
        let statuses = app.statuses("/", 74).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 69, "{algorithm:?}");
    }
}

#[actix_web::test]
async fn each_quota_has_its_name_and_the_tightest_is_told() {
    let desk = Desk::new();
    let limit = limit("api", Quota::per_minute(60)).also(Quota::per_hour(2));
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    let answer = app.get("/").await;
    assert_eq!(policies(&answer), [named("api", 60, 60), named("api-3600s", 2, 3_600)]);
    let states = states(&answer);
    assert_eq!((states[0].0.as_str(), states[0].1, states.len()), ("api-3600s", 1, 1));
    assert_eq!(answer.header("x-ratelimit-limit"), Some("2"));
}

#[actix_web::test]
async fn of_two_limits_the_tightest_decides_and_both_are_told() {
    let desk = Desk::new();
    let both = |outer: u32, inner: u32| {
        let inner = limit("login", Quota::per_hour(inner));
        let scope = web::scope("").wrap(limit("api", Quota::per_minute(outer)));
        App::new().service(scope.service(web::resource("/").wrap(inner).to(ok)))
    };
    let answer = desk.serve(both(60, 5)).await.get("/").await;
    assert_eq!(policies(&answer), [named("api", 60, 60), named("login", 5, 3_600)]);
    assert_eq!(
        states(&answer).iter().map(|(name, r, _)| (name.as_str(), *r)).collect::<Vec<_>>(),
        [("api", 59), ("login", 4)]
    );
    assert_eq!((answer.header("x-ratelimit-limit"), remaining(&answer)), (Some("5"), 4));

    let answer = Desk::new().serve(both(2, 5)).await.get("/").await;
    assert_eq!((answer.header("x-ratelimit-limit"), remaining(&answer)), (Some("2"), 1));
}

#[actix_web::test]
async fn a_refusal_further_in_keeps_its_own_headers() {
    let desk = Desk::new();
    let inner = web::resource("/").wrap(limit("login", Quota::per_hour(1))).to(ok);
    let scope = web::scope("").wrap(limit("api", Quota::per_minute(60))).service(inner);
    let app = desk.serve(App::new().service(scope)).await;
    assert_eq!(app.get("/").await.status, 200);
    let refused = app.get("/").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("3600")));
    assert_eq!((refused.header("x-ratelimit-limit"), remaining(&refused)), (Some("1"), 0));
    assert_eq!(policies(&refused).len(), 2);
}

#[actix_web::test]
async fn what_a_handler_says_of_a_limit_itself_makes_no_list_malformed() {
    let desk = Desk::new();
    for value in ["99", "plenty"] {
        let handler = move || async move {
            HttpResponse::Ok().insert_header(("x-ratelimit-remaining", value)).finish()
        };
        let limited = web::resource("/").wrap(limit("api", Quota::per_minute(60))).to(handler);
        let answer = desk.serve(App::new().service(limited)).await.get("/").await;
        assert_eq!(policies(&answer), [named("api", 60, 60)], "{value}");
        assert_eq!(states(&answer).len(), 1, "{value}");
        assert!(remaining(&answer) < 60, "{value}");
    }
}

#[actix_web::test]
async fn routes_without_a_limit_say_nothing_of_one() {
    let desk = Desk::new();
    let limited = web::resource("/limited").wrap(api()).to(ok);
    let app = desk.serve(App::new().service(limited).route("/free", web::get().to(ok))).await;
    let answer = app.get("/free").await;
    for name in
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "ratelimit-policy"]
    {
        assert_eq!(answer.header(name), None);
    }
}

#[actix_web::test]
async fn a_refusal_has_the_form_that_is_asked_for() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(web::resource("/").wrap(api()).to(ok))).await;
    app.statuses("/", 3).await;
    let problem = app.call(from("203.0.113.9").insert_header((ACCEPT, "application/problem+json"))).await;
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    let body = problem.json();
    assert_eq!((&body["status"], &body["code"]), (&429.into(), &"rate_limited".into()));
    assert!(problem.header("retry-after").is_some() && problem.header("ratelimit").is_some());
}
