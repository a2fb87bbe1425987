//! Many at once.

use futures_util::future::join_all;
use palisade_testkit::{PASSWORD, TestApp, TestDatabase, TestUser};
use serde_json::json;

use crate::support::{app_on, on_each_database};

const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";

on_each_database! {
    of_fifty_people_with_one_address_one_signs_up;
    of_twenty_people_with_one_username_one_signs_up;
    the_last_two_admins_cannot_both_leave;
    of_thirty_changes_without_a_condition_none_is_refused;
    a_removed_admin_cannot_put_itself_back_in_any_process;
}

async fn of_fifty_people_with_one_address_one_signs_up(database: TestDatabase) {
    let app = app_on(&database).await;
    let calls = (0..50).map(|n| {
        let body =
            json!({"email": "Same@example.com", "username": format!("user_{n}"), "password": PASSWORD});
        app.post("/api/v1/auth/register").json(&body).into_future()
    });
    let answers = join_all(calls).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!(
        (count(201), count(409)),
        (1, 49),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let refused = answers.iter().filter(|answer| answer.status == 409);
    assert!(refused.map(palisade_testkit::TestResponse::reason).all(|reason| reason == "users.email_taken"));
}

async fn of_twenty_people_with_one_username_one_signs_up(database: TestDatabase) {
    let app = app_on(&database).await;
    let calls = (0..20).map(|n| {
        let username = if n % 2 == 0 { "same" } else { "SAME" };
        let body =
            json!({"email": format!("user{n}@example.com"), "username": username, "password": PASSWORD});
        app.post("/api/v1/auth/register").json(&body).into_future()
    });
    let answers = join_all(calls).await;
    let reasons: Vec<String> =
        answers.iter().filter(|answer| answer.status == 409).map(|answer| answer.reason()).collect();
    assert_eq!((reasons.len(), answers.iter().filter(|answer| answer.status == 201).count()), (19, 1));
    assert!(reasons.iter().all(|reason| reason == "users.username_taken"), "{reasons:?}");
}

/// Whoever wins, somebody must be left to manage the rest.
async fn the_last_two_admins_cannot_both_leave(database: TestDatabase) {
    let app = app_on(&database).await;
    let one = app.admin().await;
    let two = app.register("second").await;
    let promote = json!({"roles": ["admin"]});
    app.patch(&format!("/api/v1/users/{}", two.id)).token(&one.access_token).json(&promote).await.expect(200);
    let demote = json!({"roles": ["user"]});
    let calls = [&one, &two].map(|who| {
        let call = app.patch(&format!("/api/v1/users/{}", who.id)).token(&one.access_token);
        call.json(&demote).into_future()
    });
    let answers = join_all(calls).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(done, 1, "{statuses:?}");
    assert!(statuses.iter().any(|status| [403, 409].contains(status)), "{statuses:?}");
}

async fn of_thirty_changes_without_a_condition_none_is_refused(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let calls = (0..30).map(|n| {
        let call = app.patch("/api/v1/users/me").token(&ann.access_token);
        call.json(&json!({"name": format!("Name {n}")})).into_future()
    });
    let statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200; 30]);
}

/// The other process still remembers the right, for a second.
async fn a_removed_admin_cannot_put_itself_back_in_any_process(database: TestDatabase) {
    let one_secret = || TestApp::builder().database(&database).set("auth.jwt_secret", SECRET).spawn();
    let (app, other) = (one_secret().await, one_secret().await);
    let (root, eve) = (app.admin().await, app.register("eve").await);
    let path = format!("/api/v1/users/{}", eve.id);
    let roles = |app: &TestApp, by: &TestUser, roles: &[&str]| {
        app.patch(&path).token(&by.access_token).json(&json!({"roles": roles})).into_future()
    };
    roles(&app, &root, &["admin"]).await.expect(200);
    other.get("/api/v1/users").token(&eve.access_token).await.expect(200);
    roles(&app, &root, &["user"]).await.expect(200);
    for app in [&other, &app] {
        let refused = roles(app, &eve, &["admin"]).await.expect(403);
        assert_eq!(refused.reason(), "users.field_forbidden");
        let friend = json!({"email": "friend@example.com", "username": "friend", "roles": ["admin"]});
        app.post("/api/v1/users").token(&eve.access_token).json(&friend).await.expect(403);
        app.delete(&format!("/api/v1/users/{}", root.id)).token(&eve.access_token).await.expect(403);
    }
    app.get("/api/v1/users").token(&eve.access_token).await.expect(403);
}
