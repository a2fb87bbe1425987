//! The `/auth` routes, as clients meet them.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::{
    edge::{Answer, call, declared},
    world::{NEW_PASSWORD, PASSWORD, World},
};

const LOGIN: &str = "/api/v1/auth/login";

async fn post(world: &World, path: &str, token: &str, body: Value) -> Answer {
    let bearer = ("authorization", format!("Bearer {token}"));
    call(world, TestRequest::post().uri(path).insert_header(bearer).set_json(body)).await
}

async fn post_form(world: &World, path: &str, form: &str) -> Answer {
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    call(world, TestRequest::post().uri(path).insert_header(form_type).set_payload(form.to_owned())).await
}

async fn with_token(world: &World, request: TestRequest, token: &str) -> Answer {
    call(world, request.insert_header(("authorization", format!("Bearer {token}")))).await
}

async fn login(world: &World) -> (String, String) {
    let answer = post(world, LOGIN, "", json!({"email": "ann@example.org", "password": PASSWORD})).await;
    assert_eq!(answer.status, 200);
    pair(&answer)
}

fn pair(answer: &Answer) -> (String, String) {
    let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[test]
fn each_route_says_who_may_call_it() {
    let table = declared();
    let routes: Vec<_> =
        table.iter().map(|(method, pattern, access)| format!("{method} {pattern} {access:?}")).collect();
    let wanted = [
        "GET /.well-known/jwks.json Public",
        "POST /api/v1/auth/login Public",
        "POST /api/v1/auth/logout Caller([])",
        "POST /api/v1/auth/logout-all Caller([])",
        "POST /api/v1/auth/password/change Caller([])",
        "POST /api/v1/auth/refresh Public",
        "GET /api/v1/auth/sessions Caller([])",
        "DELETE /api/v1/auth/sessions/{id} Caller([])",
        "POST /auth/login Public",
    ];
    assert_eq!(routes, wanted);
}

#[actix_web::test]
async fn signing_in_by_json_or_form_gives_a_pair_that_no_cache_keeps() {
    let world = World::new();
    let form = "grant_type=password&username=ann&password=seven+green%20herons+wade&scope=&client_id=&client_secret=";
    let answers = [
        post(&world, LOGIN, "", json!({"email": "ann@example.org", "password": PASSWORD})).await,
        post(&world, LOGIN, "", json!({"username": "ann", "password": PASSWORD})).await,
        post_form(&world, LOGIN, form).await,
        post_form(&world, LOGIN, "username=ann%40example.org&password=seven+green+herons+wade").await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let members: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["access_token", "refresh_token", "token_type", "expires_in"].map(str::to_owned));
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(900)));
    }
}

#[actix_web::test]
async fn a_login_that_cannot_be_read_names_the_member() {
    let world = World::new();
    let table = [
        (json!({"password": "x"}), ("/email", "missing")),
        (json!({"email": "ann"}), ("/password", "missing")),
        (json!({"email": "ann", "username": "ann", "password": "x"}), ("/username", "ambiguous")),
        (json!({"email": "ann", "password": 7}), ("/password", "invalid_type")),
        (json!({"email": "ann", "password": "x", "role": "admin"}), ("/role", "unknown_field")),
        (json!({"email": "a\u{0}b", "password": "x"}), ("/email", "invalid_character")),
        (
            json!({"email": "ann", "password": "x", "grant_type": "implicit"}),
            ("/grant_type", "unsupported_grant_type"),
        ),
    ];
    for (body, wanted) in table {
        let answer = post(&world, LOGIN, "", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (422, wanted), "{body}");
    }
    assert_eq!(world.hasher.taken(), 0);
}

#[actix_web::test]
async fn the_address_without_prefix_still_signs_in() {
    let world = World::new();
    let answer = post_form(&world, "/auth/login", "username=ann&password=seven+green+herons+wade").await;
    assert_eq!(answer.status, 200);
    pair(&answer);
}

#[actix_web::test]
async fn a_shared_secret_leaves_the_public_key_set_empty() {
    let world = World::new();
    let answer = call(&world, TestRequest::with_uri("/.well-known/jwks.json")).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!({"keys": []})));
}

#[actix_web::test]
async fn from_login_over_refresh_to_logout() {
    let world = World::new();
    let (access, refresh) = login(&world).await;
    let body = json!({"refresh_token": refresh});
    let renewed = post(&world, "/api/v1/auth/refresh", "", body).await;
    assert_eq!((renewed.status.as_u16(), renewed.header("cache-control")), (200, "no-store"));
    let (new_access, new_refresh) = pair(&renewed);
    assert_ne!((&access, &refresh), (&new_access, &new_refresh));

    assert_eq!(post(&world, "/api/v1/auth/logout", &new_access, Value::Null).await.status, 204);
    for token in [&access, &new_access] {
        let answer = with_token(&world, TestRequest::with_uri("/api/v1/auth/sessions"), token).await;
        assert_eq!(answer.status, 401);
    }
    let answer = post(&world, "/api/v1/auth/refresh", "", json!({"refresh_token": new_refresh})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (401, &json!("unauthorized")));
}

#[actix_web::test]
async fn the_list_marks_this_session_and_any_can_be_ended() {
    let world = World::new();
    let phone = TestRequest::post().uri(LOGIN).insert_header(("user-agent", "Phone/1"));
    let phone = call(&world, phone.set_json(json!({"email": "ann@example.org", "password": PASSWORD}))).await;
    world.advance_seconds(1);
    let (access, _) = login(&world).await;
    let list =
        async || with_token(&world, TestRequest::with_uri("/api/v1/auth/sessions"), &access).await.body;
    let sessions = list().await;
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(sessions[1]["user_agent"], "Phone/1");

    let delete = async |id: &str| {
        let request = TestRequest::delete().uri(&format!("/api/v1/auth/sessions/{id}"));
        with_token(&world, request, &access).await.status.as_u16()
    };
    let id = sessions[1]["id"].as_str().unwrap();
    assert_eq!(delete(id).await, 204);
    assert_eq!(delete(id).await, 404);
    assert_eq!(delete("me").await, 422);
    assert_eq!(list().await.as_array().unwrap().len(), 1);
    let (phone, _) = pair(&phone);
    let answer = with_token(&world, TestRequest::with_uri("/api/v1/auth/sessions"), &phone).await;
    assert_eq!(answer.status, 401);

    assert_eq!(post(&world, "/api/v1/auth/logout-all", &access, Value::Null).await.status, 204);
    assert!(world.auth.sessions(world.ann).await.unwrap().is_empty());
}

#[actix_web::test]
async fn changing_the_password_keeps_this_session_only() {
    let world = World::new();
    let ((access, _), (other, _)) = (login(&world).await, login(&world).await);
    let change = async |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        post(&world, "/api/v1/auth/password/change", &access, body).await
    };
    let refused = change("wrong", NEW_PASSWORD).await;
    assert_eq!((refused.status.as_u16(), refused.problem()), (422, ("/current_password", "incorrect")));
    assert_eq!(change(PASSWORD, NEW_PASSWORD).await.status, 204);
    let sessions = async |token: &str| {
        with_token(&world, TestRequest::with_uri("/api/v1/auth/sessions"), token).await.status.as_u16()
    };
    assert_eq!((sessions(&access).await, sessions(&other).await), (200, 401));
}
