//! Changing a user: versions, fields, effects.

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestDatabase};
use serde_json::json;

use crate::support::{app_on, on_each_database, until};

on_each_database! {
    a_change_made_for_an_old_version_is_refused;
    of_many_changes_for_one_version_one_succeeds;
    text_of_any_script_comes_back_as_it_was_sent;
}

async fn a_change_made_for_an_old_version_is_refused(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let path = format!("/api/v1/users/{}", ann.id);
    let get = || app.get(&path).token(&ann.access_token);
    let etag = get().await.expect(200).header("etag").to_owned();
    get().header("if-none-match", &etag).await.expect(304);
    get().header("if-none-match", "\"other\"").await.expect(200);

    let patch = |name: &str, tag: &str| {
        app.patch(&path).token(&ann.access_token).header("if-match", tag).json(&json!({"name": name}))
    };
    let changed = patch("One", &etag).await.expect(200);
    let new_tag = get().await.header("etag").to_owned();
    assert_ne!(new_tag, etag);
    assert_eq!(changed.header("etag"), new_tag);
    let stale = patch("Two", &etag).await.expect(412);
    assert_eq!(stale.code(), "precondition_failed");
    patch("Two", "\"other\"").await.expect(412);
    // RFC 9110 §13.1.1: a weak tag never matches, and one of a list is enough.
    patch("Two", &format!("W/{new_tag}")).await.expect(412);
    patch("Two", &format!("\"other\", {new_tag}")).await.expect(200);
    patch("Three", "*").await.expect(200);
    assert_eq!(get().await.json()["name"], "Three");
    let stale = app.patch("/api/v1/users/me").token(&ann.access_token).header("if-match", &etag);
    stale.json(&json!({"name": "x"})).await.expect(412);
}

async fn of_many_changes_for_one_version_one_succeeds(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let path = format!("/api/v1/users/{}", ann.id);
    let etag = app.get(&path).token(&ann.access_token).await.expect(200).header("etag").to_owned();
    let calls = (0..10).map(|n| {
        let call = app.patch(&path).token(&ann.access_token).header("if-match", &etag);
        call.json(&json!({"name": format!("Name {n}")})).into_future()
    });
    let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412, 412, 412]);
}

async fn text_of_any_script_comes_back_as_it_was_sent(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    for name in ["Zoë 😀 水", "O'Brien; DROP TABLE users; --", "100% \\ _ \"quoted\"", "e\u{301}", "ﬁ"]
    {
        let call = app.patch("/api/v1/users/me").token(&ann.access_token);
        let user = call.json(&json!({"name": name})).await.expect(200).json();
        assert_eq!(user["name"], name);
        let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200).json();
        assert_eq!(me, user);
    }
    for name in ["a\u{0}b", "a\nb", "\u{7f}", &"x".repeat(1_000)] {
        app.patch("/api/v1/users/me").token(&ann.access_token).json(&json!({"name": name})).await.expect(422);
    }
    let body = r#"{"name":"\ud800"}"#;
    app.patch("/api/v1/users/me").token(&ann.access_token).body("application/json", body).await.expect(422);
    app.patch("/api/v1/users/me").token(&ann.access_token).json(&json!({"name": null})).await.expect(200);
}

#[tokio::test]
async fn an_unknown_field_is_named_and_nothing_is_changed() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let call = app.patch("/api/v1/users/me").token(&ann.access_token);
    let answer = call.json(&json!({"name": "New", "colour": "red"})).await.expect(422);
    let details = &answer.json()["error"]["details"];
    assert_eq!((&details[0]["field"], &details[0]["code"]), (&json!("/colour"), &json!("unknown_field")));
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200).json();
    assert_eq!(me["name"], json!(null));
}

#[tokio::test]
async fn a_change_of_nothing_is_no_new_version() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let before = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    let patched = app.patch("/api/v1/users/me").token(&ann.access_token).json(&json!({})).await.expect(200);
    assert_eq!((patched.json(), patched.header("etag")), (before.json(), before.header("etag")));
}

#[tokio::test]
async fn a_new_role_takes_effect_both_ways() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let path = format!("/api/v1/users/{}", ann.id);
    let users = || app.get("/api/v1/users").token(&ann.access_token);
    users().await.expect(403);
    for (roles, status) in [(json!(["admin"]), 200), (json!(["user"]), 403)] {
        app.patch(&path).token(&admin.access_token).json(&json!({"roles": roles})).await.expect(200);
        until(users, |answer| answer.status == status).await;
    }
}

#[tokio::test]
async fn a_new_address_or_username_is_the_one_to_sign_in_with() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    app.register("bob").await;
    let patch = |body: serde_json::Value| app.patch("/api/v1/users/me").token(&ann.access_token).json(&body);
    assert_eq!(patch(json!({"email": "BOB@example.com"})).await.expect(409).reason(), "users.email_taken");
    assert_eq!(patch(json!({"username": "Bob"})).await.expect(409).reason(), "users.username_taken");
    patch(json!({"email": "new@example.com", "username": "Annie"})).await.expect(200);
    app.login("annie", &ann.password).await;
    app.login("new@example.com", &ann.password).await;
    let old = json!({"username": "ann", "password": ann.password});
    app.post("/api/v1/auth/login").json(&old).await.expect(401);
}
