//! Who may do what.

use palisade_testkit::{TestApp, TestDatabase};
use serde_json::json;

use crate::support::{app_on, on_each_database};

const NOBODY: &str = "/api/v1/users/01890000-0000-7000-8000-000000000000";

on_each_database! {
    a_user_sees_itself_and_an_admin_sees_all;
}

async fn a_user_sees_itself_and_an_admin_sees_all(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let (anns, bobs) = (format!("/api/v1/users/{}", ann.id), format!("/api/v1/users/{}", bob.id));

    app.get(&anns).token(&ann.access_token).await.expect(200);
    app.get(&anns).token(&admin.access_token).await.expect(200);
    let other = app.get(&bobs).token(&ann.access_token).await.expect(403);
    // Whether an id exists is nobody's business but an admin's.
    let unknown = app.get(NOBODY).token(&ann.access_token).await.expect(403);
    assert_eq!((other.code(), other.reason()), (unknown.code(), unknown.reason()));
    let missing = app.get(NOBODY).token(&admin.access_token).await.expect(404);
    assert_eq!(missing.reason(), "users.not_found");
}

#[tokio::test]
async fn what_is_for_admins_is_refused_to_users_and_strangers() {
    let app = TestApp::spawn().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let bobs = format!("/api/v1/users/{}", bob.id);
    let own = format!("/api/v1/users/{}", ann.id);
    let calls = || {
        [
            app.get("/api/v1/users"),
            app.post("/api/v1/users").json(&json!({"email": "c@example.com", "username": "cyd"})),
            app.patch(&bobs).json(&json!({"name": "x"})),
            app.patch(NOBODY).json(&json!({"name": "x"})),
            app.delete(&bobs),
            app.delete(&own),
        ]
    };
    for call in calls() {
        let answer = call.token(&ann.access_token).await;
        assert_eq!((answer.status, &*answer.code()), (403, "forbidden"), "{}", answer.request);
    }
    for call in calls() {
        call.await.expect(401);
    }
    // The refusal comes before any look at what was sent, beyond its type.
    app.post("/api/v1/users").token(&ann.access_token).body("application/json", "{").await.expect(403);
    app.patch(&bobs).token(&ann.access_token).body("application/json", "{").await.expect(403);
    app.get("/api/v1/users?limit=0").token(&ann.access_token).await.expect(403);
}

#[tokio::test]
async fn nobody_raises_itself() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let own = format!("/api/v1/users/{}", ann.id);
    for path in ["/api/v1/users/me", &own] {
        for field in
            [json!({"roles": ["admin"]}), json!({"status": "disabled"}), json!({"name": "x", "roles": []})]
        {
            let answer = app.patch(path).token(&ann.access_token).json(&field).await.expect(403);
            assert_eq!(answer.reason(), "users.field_forbidden", "{path} {field}");
        }
        for field in ["id", "created_at", "updated_at", "password", "password_hash", "version", "is_admin"] {
            let body = json!({field: "x"});
            app.patch(path).token(&ann.access_token).json(&body).await.expect(422);
        }
    }
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200).json();
    assert_eq!((&me["roles"], &me["name"]), (&json!(["user"]), &json!(null)));
}

#[tokio::test]
async fn an_admin_adds_users_with_and_without_password() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let post = |body: serde_json::Value| app.post("/api/v1/users").token(&admin.access_token).json(&body);
    let made = post(json!({"email": "cyd@example.com", "username": "cyd", "password": admin.password}))
        .await
        .expect(201);
    let user = made.json();
    assert!(made.header("location").ends_with(user["id"].as_str().unwrap()), "{:?}", made.headers);
    app.login("cyd", &admin.password).await;

    let silent = json!({"email": "dan@example.com", "username": "dan", "roles": ["user", "auditor"], "status": "active"});
    let user = post(silent).await.expect(201).json();
    assert_eq!(user["roles"], json!(["auditor", "user"]));
    for password in ["", " ", "x"] {
        let body = json!({"username": "dan", "password": password});
        app.post("/api/v1/auth/login").json(&body).await.expect(401);
    }
    let taken = post(json!({"email": "DAN@example.com", "username": "dan2"})).await.expect(409);
    assert_eq!(taken.reason(), "users.email_taken");
    let taken = post(json!({"email": "dan2@example.com", "username": "DAN"})).await.expect(409);
    assert_eq!(taken.reason(), "users.username_taken");
}

#[tokio::test]
async fn no_answer_holds_a_password_or_its_hash() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    app.register("ann").await;
    for path in ["/api/v1/users", "/api/v1/users/me", "/api/v1/auth/sessions", "/openapi.json"] {
        let text = app.get(path).token(&admin.access_token).await.expect(200).text();
        assert!(
            !text.contains("$argon2") && !text.contains("password_hash") && !text.contains(&admin.password),
            "{path}"
        );
    }
}
