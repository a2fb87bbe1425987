//! Who is let through to which route.

use std::sync::{Arc, atomic::Ordering};

use actix_web::{http::Method, test::TestRequest};
use palisade_core::Role;
use palisade_http::access::callers;

use crate::{
    edge::{Answer, call},
    world::World,
};

async fn get(world: &World, path: &str, authorization: &[&str]) -> Answer {
    let mut request = TestRequest::with_uri(path);
    for value in authorization {
        request = request.append_header(("authorization", *value));
    }
    call(world, request).await
}

#[actix_web::test]
async fn a_public_route_looks_at_no_token() {
    let world = World::new();
    for header in [&[][..], &["Bearer forged"], &["nonsense"]] {
        assert_eq!(get(&world, "/api/v1/probe/open", header).await.status, 200);
    }
}

#[actix_web::test]
async fn a_caller_route_takes_valid_tokens_only() {
    let world = World::new();
    let token = world.login().await.access_token;
    let bearer = format!("Bearer {}", token.expose());
    let answer = get(&world, "/api/v1/probe/signed-in", &[&bearer]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, serde_json::json!(world.ann));
    let lower = format!("bearer {}", token.expose());
    assert_eq!(get(&world, "/api/v1/probe/signed-in", &[&lower]).await.status, 200);

    let invalid = r#"Bearer error="invalid_token", error_description="The access token is not valid""#;
    let cut = &bearer[..bearer.len() - 2];
    let table: &[(&[&str], &str)] = &[
        (&[], "Bearer"),
        (&["Basic YW5uOnB3"], "Bearer"),
        (&["Bearer"], invalid),
        (&["Bearer forged"], invalid),
        (&[cut], invalid),
        (&[&bearer, &bearer], invalid),
        (&[&bearer, "Basic YW5uOnB3"], invalid),
    ];
    for (headers, challenge) in table {
        let answer = get(&world, "/api/v1/probe/signed-in", headers).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.header("www-authenticate"), *challenge, "{headers:?}");
        assert_eq!(answer.body["error"]["code"], "unauthorized");
    }
}

#[actix_web::test]
async fn a_permission_is_asked_of_the_roles_as_they_are_now() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.login().await.access_token.expose());
    let path = "/api/v1/probe/with-permission";
    let answer = get(&world, path, &[&bearer]).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer error="insufficient_scope", scope="users:read""#);
    assert_eq!(get(&world, path, &[]).await.status, 401);

    world.users.change(world.ann, |ann| ann.roles = [Role::admin()].into());
    world.advance_seconds(1);
    assert_eq!(get(&world, path, &[&bearer]).await.status, 200);
}

#[actix_web::test]
async fn a_write_is_let_in_by_what_holds_at_its_moment() {
    let world = World::new();
    world.users.change(world.ann, |ann| ann.roles = [Role::admin()].into());
    let bearer = format!("Bearer {}", world.login().await.access_token.expose());
    let path = "/api/v1/probe/with-permission";
    let write = async || {
        let request = TestRequest::post().uri(path).insert_header(("authorization", bearer.as_str()));
        call(&world, request).await.status
    };
    assert_eq!((get(&world, path, &[&bearer]).await.status.as_u16(), write().await.as_u16()), (200, 200));
    world.users.change(world.ann, |ann| ann.roles = [Role::user()].into());
    assert_eq!(get(&world, path, &[&bearer]).await.status, 200, "for a second, as far as this process knows");
    assert_eq!(write().await, 403);
}

#[actix_web::test]
async fn counting_a_flood_of_writes_asks_the_stores_once() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.login().await.access_token.expose());
    let before = world.users.look_ups.load(Ordering::SeqCst);
    for _ in 0..10 {
        let request = TestRequest::post().insert_header(("authorization", bearer.as_str())).to_srv_request();
        assert!(callers(Arc::new(world.auth.clone())).caller(&request).await.is_some());
    }
    assert_eq!(world.users.look_ups.load(Ordering::SeqCst), before + 1);
}

#[actix_web::test]
async fn a_route_that_says_nothing_is_open_to_nobody() {
    let world = World::new();
    world.users.change(world.ann, |ann| ann.roles = [Role::admin()].into());
    let bearer = format!("Bearer {}", world.login().await.access_token.expose());
    for header in [None, Some(("authorization", bearer))] {
        let mut request = TestRequest::post().uri("/api/v1/probe/secretive");
        request = header.into_iter().fold(request, TestRequest::insert_header);
        assert_eq!(call(&world, request).await.status, 403);
    }
}

#[actix_web::test]
async fn another_spelling_of_a_path_meets_the_same_guard() {
    let world = World::new();
    for path in [
        "/%61pi/v1/probe/signed-in",
        "/api/v1/probe/signed%2Din",
        "/api/v1/pro%62e/signed-in",
        "/api/%76%31/probe/signed-in?a=/api/v1/probe/open",
    ] {
        assert_eq!(get(&world, path, &[]).await.status, 401, "{path}");
    }
    for path in [
        "//api/v1/probe/signed-in",
        "/api//v1/probe/signed-in",
        "/api/v1//probe/signed-in",
        "/api/v1/probe/signed-in/",
        "/api/v1/probe/signed-in/.",
        "/api/v1/probe/open/../signed-in",
        "/api/v1/probe%2Fsigned-in",
        "/API/v1/probe/signed-in",
        "/api/v1/probe/signed-in;open",
        "/api/v1/nothing",
        "/api/v1",
    ] {
        assert_eq!(get(&world, path, &[]).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn another_method_is_405_with_those_that_are_declared() {
    let world = World::new();
    for method in [Method::PUT, Method::DELETE, Method::TRACE, Method::GET] {
        let request = TestRequest::with_uri("/api/v1/auth/login").method(method.clone());
        let answer = call(&world, request).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "OPTIONS, POST"), "{method}");
    }
    let request = TestRequest::with_uri("/api/v1/auth/login").method(Method::OPTIONS);
    let answer = call(&world, request).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (204, "OPTIONS, POST"));
}

#[actix_web::test]
async fn a_head_meets_the_guard_of_its_get() {
    let world = World::new();
    let request = TestRequest::with_uri("/api/v1/probe/signed-in").method(Method::HEAD);
    assert_eq!(call(&world, request).await.status, 401);
}
