//! Disabling and deleting.

use palisade_testkit::{TestApp, TestDatabase};
use serde_json::json;

use crate::support::{app_on, gone, on_each_database};

on_each_database! {
    a_deleted_user_is_gone_with_its_tokens;
    a_disabled_user_is_out_and_may_come_back;
}

async fn a_deleted_user_is_gone_with_its_tokens(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let path = format!("/api/v1/users/{}", ann.id);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    app.delete(&path).token(&admin.access_token).await.expect(204);
    gone(|| app.get("/api/v1/users/me").token(&ann.access_token)).await;
    let refresh = json!({"refresh_token": ann.refresh_token});
    app.post("/api/v1/auth/refresh").json(&refresh).await.expect(401);
    let login = json!({"username": "ann", "password": ann.password});
    app.post("/api/v1/auth/login").json(&login).await.expect(401);
    app.get(&path).token(&admin.access_token).await.expect(404);
    app.delete(&path).token(&admin.access_token).await.expect(404);
    // The names are free again, and the newcomer is somebody else.
    let again = app.register("ann").await;
    assert_ne!(again.id, ann.id);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(401);
}

async fn a_disabled_user_is_out_and_may_come_back(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let path = format!("/api/v1/users/{}", ann.id);
    let set = |status: &str| app.patch(&path).token(&admin.access_token).json(&json!({"status": status}));
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    set("disabled").await.expect(200);
    gone(|| app.get("/api/v1/users/me").token(&ann.access_token)).await;
    let login = json!({"username": "ann", "password": ann.password});
    app.post("/api/v1/auth/login").json(&login).await.expect(401);
    set("active").await.expect(200);
    // The old sessions stay dead.
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(401);
    app.login("ann", &ann.password).await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let path = format!("/api/v1/users/{}", admin.id);
    let patch = |body: serde_json::Value| app.patch(&path).token(&admin.access_token).json(&body);
    let refusals = [
        app.delete(&path).token(&admin.access_token).await,
        patch(json!({"roles": ["user"]})).await,
        patch(json!({"status": "disabled"})).await,
    ];
    for refusal in refusals {
        assert_eq!(refusal.expect(409).reason(), "users.last_admin");
    }
    app.get("/api/v1/users").token(&admin.access_token).await.expect(200);
}
