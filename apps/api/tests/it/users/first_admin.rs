//! The one-time link.

use futures_util::future::join_all;
use palisade_testkit::{PASSWORD, TestApp, TestDatabase};
use serde_json::{Value, json};

use crate::support::{app_on, on_each_database};

on_each_database! {
    ten_people_with_the_link_make_one_admin;
}

fn newcomer(name: &str) -> Value {
    json!({"email": format!("{name}@example.com"), "username": name, "password": PASSWORD})
}

async fn ten_people_with_the_link_make_one_admin(database: TestDatabase) {
    let app = app_on(&database).await;
    let link = app.first_admin().expect("a link").to_owned();
    let calls = (0..10).map(|n| app.post(&link).json(&newcomer(&format!("chief_{n}"))).into_future());
    let answers = join_all(calls).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410, 410, 410, 410, 410, 410, 410, 410, 410]);
    let made = answers.iter().find(|answer| answer.status == 201).unwrap().json();
    assert!(made["roles"].as_array().unwrap().contains(&json!("admin")), "{made}");
    let (token, _) = app.login(made["email"].as_str().unwrap(), PASSWORD).await;
    let users = app.get("/api/v1/users").token(&token).await.expect(200).json();
    assert_eq!(users["items"].as_array().unwrap().len(), 1, "{users}");
    assert_eq!(app.post(&link).json(&newcomer("late")).await.expect(410).code(), "gone");
    app.get(&link).await.expect(410);
}

#[tokio::test]
async fn a_mistake_leaves_the_link_open_and_a_wrong_link_is_a_404() {
    let app = TestApp::spawn().await;
    let link = app.first_admin().expect("a link").to_owned();
    app.post(&link).json(&json!({"email": "x"})).await.expect(422);
    app.post(&link).body("application/json", "{").await.expect(400);
    app.post("/setup/guess").json(&newcomer("guess")).await.expect(404);
    app.get(&link).await.expect(200);
    let form = [("email", "root@example.com"), ("username", "root"), ("password", PASSWORD)];
    let page = app.post(&link).form(&form).await;
    assert!([200, 201].contains(&page.status), "{} {}", page.status, page.text());
    app.login("root", PASSWORD).await;
}

#[tokio::test]
async fn a_database_that_has_users_gets_no_link() {
    let database = TestDatabase::sqlite(&[]).await;
    let first = app_on(&database).await;
    first.admin().await;
    first.stop();
    let second = app_on(&database).await;
    assert_eq!(second.first_admin(), None);
    second.post("/setup/guess").json(&newcomer("guess")).await.expect(410);
}
