//! Whom a request is counted for.

use actix_web::{App, HttpMessage as _, dev::Service as _, web};
use palisade_http::rate_limit::{By, limit};
use palisade_ratelimit::{LimitKey, Quota};

use super::desk::{ANN, Desk, from, ok, principal, remaining, with_token};

fn by(
    by: By,
) -> actix_web::Resource<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    web::resource("/").wrap(limit("keyed", Quota::per_minute(3)).by(by)).to(ok)
}

#[actix_web::test]
async fn an_ipv6_client_is_its_network_and_a_mapped_address_is_ipv4() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(by(By::Ip))).await;
    assert_eq!(remaining(&app.call(from("2001:db8:1:2::1")).await), 2);
    assert_eq!(remaining(&app.call(from("2001:db8:1:2:ffff:ffff:ffff:ffff")).await), 1);
    assert_eq!(remaining(&app.call(from("2001:db8:1:3::1")).await), 2);
    assert_eq!(remaining(&app.call(from("203.0.113.9")).await), 2);
    assert_eq!(remaining(&app.call(from("::ffff:203.0.113.9")).await), 1);
}

#[actix_web::test]
async fn a_user_is_one_wherever_and_others_at_the_address_are_others() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(by(By::User))).await;
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "ann")).await), 2);
    assert_eq!(remaining(&app.call(with_token("198.51.100.7", "ann")).await), 1);
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "bob")).await), 2);
}

#[actix_web::test]
async fn a_flood_of_tokens_that_prove_nothing_costs_nobody_else_anything() {
    let desk = Desk::new();
    for kind in [By::User, By::IpUser] {
        let app = desk.serve(App::new().service(by(kind))).await;
        let before = remaining(&app.call(with_token("203.0.113.9", "ann")).await);
        let mut statuses = Vec::new();
        for attempt in 0..20 {
            let forged = with_token("203.0.113.9", &format!("forged-{attempt}"));
            statuses.push(app.call(forged).await.status);
        }
        assert!(statuses[3..].iter().all(|status| *status == 429), "made-up names are one: {statuses:?}");
        assert_eq!(remaining(&app.call(with_token("203.0.113.9", "ann")).await), before - 1);
        desk.advance(60);
    }
}

#[actix_web::test]
async fn a_flood_from_elsewhere_costs_an_address_nothing() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(by(By::Ip))).await;
    for last in 1..=20 {
        app.call(with_token(&format!("198.51.100.{last}"), "forged")).await;
    }
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "ann")).await), 2);
}

#[actix_web::test]
async fn a_user_at_an_address_is_neither_the_user_nor_the_address() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(by(By::IpUser))).await;
    for (address, token) in
        [("203.0.113.9", "ann"), ("198.51.100.7", "ann"), ("203.0.113.9", "bob"), ("203.0.113.9", "")]
    {
        assert_eq!(remaining(&app.call(with_token(address, token)).await), 2, "{token} at {address}");
    }
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "ann")).await), 1);
}

#[actix_web::test]
async fn only_a_valid_api_key_is_counted_by_itself() {
    let desk = Desk::new();
    let app = desk.serve(App::new().service(by(By::ApiKey))).await;
    let keyed = |key: &str| from("203.0.113.9").insert_header(("x-api-key", key));
    assert_eq!(remaining(&app.call(keyed("valid")).await), 2);
    assert_eq!(remaining(&app.call(keyed("made-up")).await), 2);
    assert_eq!(remaining(&app.call(keyed("made-up-too")).await), 1);
    assert_eq!(remaining(&app.call(from("203.0.113.9")).await), 0);
    assert_eq!(remaining(&app.call(keyed("valid")).await), 1);
}

#[actix_web::test]
async fn a_function_may_say_whom_and_where_it_does_not_the_address_counts() {
    let desk = Desk::new();
    let tenant =
        By::custom(|request| Some(LimitKey::of("tenant", request.headers().get("x-tenant")?.to_str().ok()?)));
    let app = desk.serve(App::new().service(by(tenant))).await;
    let of = |tenant: &str| from("203.0.113.9").insert_header(("x-tenant", tenant));
    assert_eq!(remaining(&app.call(of("north")).await), 2);
    assert_eq!(remaining(&app.call(of("north")).await), 1);
    assert_eq!(remaining(&app.call(of("south")).await), 2);
    assert_eq!(remaining(&app.call(from("203.0.113.9")).await), 2);
}

#[actix_web::test]
async fn a_caller_that_is_known_already_is_not_asked_for_again() {
    let desk = Desk::new();
    let scope = web::scope("").service(by(By::User)).wrap_fn(|request, next| {
        request.extensions_mut().insert(principal(ANN, &["user"]));
        next.call(request)
    });
    let app = desk.serve(App::new().service(scope)).await;
    assert_eq!(remaining(&app.call(from("203.0.113.9")).await), 2);
    assert_eq!(remaining(&app.call(from("198.51.100.7")).await), 1, "by the user, not by the address");
}
