//! Rate limits by caller, around the access layer.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{
    App,
    body::to_bytes,
    dev::Service as _,
    http::Method,
    test::{TestRequest, init_service},
    web,
};
use palisade_http::{
    Layer as _,
    access::{AccessControl, Caller, callers},
    rate_limit::{By, Limits, Quota, limit},
    routes::{Access as Declared, RouteTable},
};
use palisade_ratelimit::{MemoryOptions, MemoryRateLimiter, Timeline};

use crate::world::World;

fn limits(world: &World) -> Limits {
    let timeline = Timeline::following(world.clock.clone());
    let limiter = MemoryRateLimiter::new(timeline, MemoryOptions::default());
    Limits::new(Arc::new(limiter), world.clock.clone()).identified_by(callers(Arc::new(world.auth.clone())))
}

/// Status, what is left of a limit of 10 an hour by user, and body of what a request with that token meets.
/// Between limit and access layer the users are lost, and two seconds go by.
async fn meet(world: &World, limits: &Limits, path: &str, token: &str) -> (u16, String, String) {
    let routes = RouteTable::default()
        .with(Method::GET, "/mine", Declared::Caller(Vec::new()))
        .with_public(Method::GET, "/open");
    let (users, clock) = (world.users.clone(), world.clock.clone());
    let whose = |caller: Option<Caller>| async move { caller.map_or("nobody", |_| "somebody") };
    let app = App::new()
        .app_data(limits.clone())
        .route("/mine", web::get().to(whose))
        .route("/open", web::get().to(whose))
        .wrap(AccessControl::new(Arc::new(world.auth.clone()), Arc::new(routes)).layered())
        .wrap_fn(move |request, next| {
            users.lost.store(true, Ordering::SeqCst);
            clock.advance(Duration::from_secs(2));
            next.call(request)
        })
        .wrap(limit("api", Quota::per_hour(10)).by(By::User));
    let request = TestRequest::with_uri(path)
        .peer_addr("203.0.113.9:40000".parse().unwrap())
        .insert_header(("authorization", format!("Bearer {token}")));
    let response = init_service(app).await.call(request.to_request()).await.unwrap().into_parts().1;
    world.users.lost.store(false, Ordering::SeqCst);
    let left = response.headers().get("x-ratelimit-remaining").unwrap().to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    (status, left, String::from_utf8(body.to_vec()).unwrap())
}

#[actix_web::test]
async fn a_token_is_verified_once_for_limit_and_access() {
    let world = World::new();
    let (limits, token) = (limits(&world), world.login().await.access_token);
    // The access layer could not find out by itself any more.
    for left in ["9", "8"] {
        let (status, remaining, body) = meet(&world, &limits, "/mine", token.expose()).await;
        assert_eq!((status, remaining.as_str(), body.as_str()), (200, left, "somebody"));
    }
}

#[actix_web::test]
async fn a_public_route_has_no_caller_though_its_limit_counts_by_one() {
    let world = World::new();
    let (limits, token) = (limits(&world), world.login().await.access_token);
    let (status, _, body) = meet(&world, &limits, "/open", token.expose()).await;
    assert_eq!((status, body.as_str()), (200, "nobody"));
}

#[actix_web::test]
async fn a_session_that_has_ended_counts_as_a_stranger() {
    let world = World::new();
    let (limits, token) = (limits(&world), world.login().await.access_token);
    assert_eq!(meet(&world, &limits, "/mine", token.expose()).await.1, "9");
    world.auth.logout_all(world.ann).await.unwrap();
    for left in ["9", "8"] {
        let (status, remaining, _) = meet(&world, &limits, "/mine", token.expose()).await;
        assert_eq!((status, remaining.as_str()), (401, left));
    }
    assert_eq!(meet(&world, &limits, "/mine", "forged").await.1, "7", "all strangers at an address are one");
}
