//! The main job, from signing up to dead tokens, on each database.

use palisade_testkit::{PASSWORD, TestApp, TestDatabase, TestResponse};
use serde_json::{Value, json};

use crate::support::{app_on, is_uuid_v7, on_each_database};

on_each_database! {
    a_person_signs_up_signs_in_reads_itself_renews_and_leaves;
    the_same_user_signs_in_by_email_by_username_and_by_form;
}

async fn a_person_signs_up_signs_in_reads_itself_renews_and_leaves(database: TestDatabase) {
    let app = app_on(&database).await;
    let user = sign_up(&app).await;
    let first = sign_in(&app, &json!({"email": "Ann@Example.com", "password": PASSWORD})).await;
    let access = first["access_token"].as_str().unwrap();

    let me = app.get("/api/v1/users/me").token(access).await.expect(200);
    assert_eq!(me.json(), user);
    let by_id =
        app.get(&format!("/api/v1/users/{}", user["id"].as_str().unwrap())).token(access).await.expect(200);
    assert_eq!(by_id.json(), user);
    assert!(by_id.header("etag").ends_with('"'), "{:?}", by_id.headers);

    let refresh = json!({"refresh_token": first["refresh_token"]});
    let second = tokens(&app.post("/api/v1/auth/refresh").json(&refresh).await);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let access = second["access_token"].as_str().unwrap();
    app.get("/api/v1/users/me").token(access).await.expect(200);

    app.post("/api/v1/auth/logout").token(access).await.expect(204);
    for token in [&first["access_token"], &second["access_token"]] {
        let refused = app.get("/api/v1/users/me").token(token.as_str().unwrap()).await.expect(401);
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
    }
    for token in [&first["refresh_token"], &second["refresh_token"]] {
        let body = json!({"refresh_token": token});
        let refused = app.post("/api/v1/auth/refresh").json(&body).await.expect(401);
        assert_eq!(refused.reason(), "auth.invalid_refresh_token");
    }
}

async fn the_same_user_signs_in_by_email_by_username_and_by_form(database: TestDatabase) {
    let app = app_on(&database).await;
    sign_up(&app).await;
    sign_in(&app, &json!({"email": "ann@example.com", "password": PASSWORD})).await;
    sign_in(&app, &json!({"username": "Ann", "password": PASSWORD})).await;
    // RFC 6749 §4.3.2, as Swagger UI sends it.
    let form =
        [("grant_type", "password"), ("username", "ann@example.com"), ("password", PASSWORD), ("scope", "")];
    let by_form = tokens(&app.post("/api/v1/auth/login").form(&form).await);
    let mine = by_form["access_token"].as_str().unwrap();

    let old = app.post("/auth/login").json(&json!({"username": "ann", "password": PASSWORD})).await;
    tokens(&old);
    assert!(!old.header("deprecation").is_empty(), "{:?}", old.headers);
    assert!(old.header("link").contains("/api/v1/auth/login"), "{:?}", old.headers);
    assert!(old.header("link").contains("successor-version"), "{:?}", old.headers);

    let sessions = app.get("/api/v1/auth/sessions").token(mine).await.expect(200).json();
    let sessions = sessions.get("items").unwrap_or(&sessions).as_array().unwrap().len();
    assert_eq!(sessions, 4);
}

async fn sign_up(app: &TestApp) -> Value {
    let body = json!({
        "email": "Ann@Example.com", "username": "Ann", "name": "Ann Öther 😀", "password": PASSWORD,
    });
    let answer = app.post("/api/v1/auth/register").json(&body).await.expect(201);
    let user = answer.json();
    let members: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["id", "email", "username", "name", "roles", "status", "created_at", "updated_at"]);
    assert!(is_uuid_v7(user["id"].as_str().unwrap()), "{user}");
    assert_eq!((&user["name"], &user["roles"]), (&json!("Ann Öther 😀"), &json!(["user"])));
    assert_eq!((&user["email"], &user["status"]), (&json!("ann@example.com"), &json!("active")));
    for moment in [&user["created_at"], &user["updated_at"]] {
        let moment = moment.as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(moment).is_ok() && moment.ends_with('Z'), "{moment}");
    }
    user
}

async fn sign_in(app: &TestApp, body: &Value) -> Value {
    tokens(&app.post("/api/v1/auth/login").json(body).await)
}

/// The pair of tokens, whose answer nobody on the way may keep (RFC 6749 §5.1).
fn tokens(answer: &TestResponse) -> Value {
    let pair = answer.clone().expect(200).json();
    assert_eq!(pair["token_type"], "Bearer");
    assert_eq!(pair["expires_in"], 900);
    assert_eq!(pair.as_object().unwrap().len(), 4, "{pair}");
    assert!(answer.header("cache-control").contains("no-store"), "{:?}", answer.headers);
    pair
}
