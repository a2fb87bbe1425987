//! Lists of users.

use std::collections::BTreeSet;

use palisade_testkit::{TestApp, TestDatabase, TestUser};
use serde_json::{Value, json};

use crate::support::{app_on, on_each_database};

on_each_database! {
    pages_hold_every_user_once_in_either_direction;
    filters_and_orders_do_what_they_say;
}

/// Adds so many users. Without passwords: nobody has to hash 120 of them.
async fn add(app: &TestApp, admin: &TestUser, count: usize) {
    for n in 0..count {
        // Not in order of creation: 11 is prime to any count used here.
        let number = n * 11 % count;
        let body = json!({
            "email": format!("user{number:03}@example.com"), "username": format!("User_{number:03}"),
            "name": if n % 2 == 0 { "Even 100%" } else { "Odd_Ångström" },
            "roles": if n % 3 == 0 { json!(["user", "auditor"]) } else { json!(["user"]) },
            "status": if n % 4 == 0 { "disabled" } else { "active" },
        });
        app.post("/api/v1/users").token(&admin.access_token).json(&body).await.expect(201);
    }
}

async fn page(app: &TestApp, admin: &TestUser, query: &str) -> Value {
    app.get(&format!("/api/v1/users?{query}")).token(&admin.access_token).await.expect(200).json()
}

/// The member of each user, over all pages.
async fn all(app: &TestApp, admin: &TestUser, query: &str, member: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(app, admin, &format!("{query}{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|user| user[member].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
        assert!(!items.is_empty() && found.len() <= 200, "pages without end");
    }
}

async fn pages_hold_every_user_once_in_either_direction(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    add(&app, &admin, 119).await;
    assert_eq!(page(&app, &admin, "").await["items"].as_array().unwrap().len(), 50);
    for sort in ["created_at", "email", "username"] {
        let up = all(&app, &admin, &format!("limit=17&sort={sort}"), "id").await;
        let mut down = all(&app, &admin, &format!("limit=100&sort=-{sort}"), "id").await;
        assert_eq!(up.len(), 120, "{sort}");
        assert_eq!(up.iter().collect::<BTreeSet<_>>().len(), 120, "{sort}");
        down.reverse();
        assert_eq!(up, down, "{sort}");
    }
    let emails = all(&app, &admin, "limit=40&sort=email", "email").await;
    assert!(emails.is_sorted(), "{emails:?}");
    // What is added or removed between two pages moves nobody else.
    let first = page(&app, &admin, "limit=60&sort=email").await;
    let gone = first["items"][3]["id"].as_str().unwrap();
    app.delete(&format!("/api/v1/users/{gone}")).token(&admin.access_token).await.expect(204);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = page(&app, &admin, &format!("limit=100&sort=email&cursor={cursor}")).await;
    assert_eq!(second["items"].as_array().unwrap().len(), 60);
}

async fn filters_and_orders_do_what_they_say(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    add(&app, &admin, 12).await;
    let count = |query: &'static str| async { all(&app, &admin, query, "id").await.len() };
    assert_eq!(count("limit=5&role=auditor").await, 4);
    assert_eq!(count("limit=2&status=disabled").await, 3);
    assert_eq!(count("limit=1&role=auditor&status=disabled").await, 1);
    assert_eq!(count("q=USER00").await, 10);
    assert_eq!(count("q=user_00&limit=3").await, 10);
    assert_eq!(count("q=%C3%A5ngstr%C3%B6m").await, 6);
    // The wild cards of LIKE are letters like any other.
    assert_eq!(count("q=100%25").await, 6);
    assert_eq!(count("q=odd_").await, 6);
    assert_eq!(count("q=o_d").await, 0);
    assert_eq!(count("q=%25%25").await, 0);
    assert_eq!(count("q='%20OR%201=1").await, 0);
    assert_eq!(count("role=nobody").await, 0);
}

#[tokio::test]
async fn a_wrong_query_is_a_422_that_names_the_parameter() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    app.register("ann").await;
    let cursor = page(&app, &admin, "limit=1&sort=email").await["next_cursor"].as_str().unwrap().to_owned();
    let mangled: String = cursor.chars().rev().collect();
    let queries = [
        ("limit=0".to_owned(), "/limit"),
        ("limit=101".to_owned(), "/limit"),
        ("limit=-1".to_owned(), "/limit"),
        ("limit=1.5".to_owned(), "/limit"),
        ("limit=99999999999999999999".to_owned(), "/limit"),
        ("limit=".to_owned(), "/limit"),
        ("limit=1&limit=2".to_owned(), "/limit"),
        ("offset=10".to_owned(), "/offset"),
        ("sort=password_hash".to_owned(), "/sort"),
        ("sort=email,username".to_owned(), "/sort"),
        ("status=deleted".to_owned(), "/status"),
        ("role=ADMIN".to_owned(), "/role"),
        (format!("q={}", "x".repeat(101)), "/q"),
        ("cursor=AAAA".to_owned(), "/cursor"),
        ("cursor=".to_owned(), "/cursor"),
        (format!("sort=email&cursor={mangled}"), "/cursor"),
        // A cursor belongs to the order and the filter it was made for.
        (format!("sort=username&cursor={cursor}"), "/cursor"),
    ];
    for (query, field) in queries {
        let answer = app.get(&format!("/api/v1/users?{query}")).token(&admin.access_token).await.expect(422);
        assert!(answer.text().contains(&format!("\"field\":\"{field}\"")), "{query}: {}", answer.text());
    }
}
