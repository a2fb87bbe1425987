//! The list of users.

use palisade_core::Secret;
use serde_json::{Value, json};

use super::Api;
use crate::world::World;

const NAMES: [&str; 7] = ["dora", "Anna", "bert", "Emil", "carl", "Fred", "gina"];

async fn crowd(world: &World) -> Secret {
    world.with_roles("zz_root", &["admin"]).await;
    for name in NAMES {
        world.clock.advance(std::time::Duration::from_millis(1));
        world.sign_up(name).await;
    }
    world.token("zz_root").await.unwrap()
}

fn usernames(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn pages_follow_one_another_to_the_end() {
    let world = World::new();
    let (token, api) = (crowd(&world).await, Api::of(&world).await);
    let whole = api.get("/api/v1/users", &token).await;
    assert_eq!((whole.status, whole.body["items"].as_array().unwrap().len()), (200, 8));
    assert_eq!(whole.body["next_cursor"], Value::Null);
    assert_eq!(usernames(&whole.body)[1..], NAMES, "oldest first");

    for sort in ["created_at", "-created_at", "email", "-email", "username", "-username"] {
        let whole = api.get(&format!("/api/v1/users?sort={sort}&limit=100"), &token).await.body;
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("/api/v1/users?sort={sort}&limit=3{cursor}"), &token).await.body;
            walked.extend(usernames(&page));
            let Some(next) = page["next_cursor"].as_str() else { break };
            assert_eq!(page["items"].as_array().unwrap().len(), 3);
            cursor = format!("&cursor={next}");
        }
        assert_eq!(walked, usernames(&whole), "{sort}");
    }
    let by_name = api.get("/api/v1/users?sort=username&limit=3", &token).await.body;
    assert_eq!(usernames(&by_name), ["Anna", "bert", "carl"]);
}

#[actix_web::test]
async fn filters_narrow_the_list() {
    let world = World::new();
    let (token, api) = (crowd(&world).await, Api::of(&world).await);
    let found = async |query: &str| {
        usernames(&api.get(&format!("/api/v1/users?sort=username&{query}"), &token).await.body)
    };
    assert_eq!(found("role=admin").await, ["zz_root"]);
    assert_eq!(found("q=ANNA").await, ["Anna"]);
    assert_eq!(found("q=anna%40example").await, ["Anna"]);
    assert!(found("q=%25").await.is_empty(), "a percent sign is no wildcard");
    assert_eq!(found("q=_").await, ["zz_root"], "nor is an underscore");
    assert!(found("status=disabled").await.is_empty());
    assert_eq!(found("status=active&role=user&q=r").await, ["bert", "carl", "dora", "Fred"]);
}

#[actix_web::test]
async fn a_wrong_query_is_refused_by_name() {
    let world = World::new();
    let (token, api) = (crowd(&world).await, Api::of(&world).await);
    let page = api.get("/api/v1/users?sort=email&limit=1&status=active", &token).await.body;
    let cursor = page["next_cursor"].as_str().unwrap();
    for (query, field) in [
        ("limit=0".to_owned(), "/limit"),
        ("limit=101".to_owned(), "/limit"),
        ("limit=ten".to_owned(), "/limit"),
        ("sort=password_hash".to_owned(), "/sort"),
        ("status=gone".to_owned(), "/status"),
        ("role=Admin".to_owned(), "/role"),
        ("page=2".to_owned(), "/page"),
        ("q=a&q=b".to_owned(), "/q"),
        (format!("q={}", "a".repeat(101)), "/q"),
        ("q=a%00b".to_owned(), "/q"),
        ("cursor=!".to_owned(), "/cursor"),
        ("cursor=e30".to_owned(), "/cursor"),
        (format!("cursor={cursor}"), "/cursor"),
        (format!("cursor={cursor}&sort=-email&status=active"), "/cursor"),
        (format!("cursor={cursor}&sort=email&status=disabled"), "/cursor"),
    ] {
        let answer = api.get(&format!("/api/v1/users?{query}"), &token).await;
        assert_eq!((answer.status, answer.fields()), (422, vec![field]), "{query}");
    }
    let next = api.get(&format!("/api/v1/users?cursor={cursor}&sort=email&status=active"), &token).await;
    assert_eq!((next.status, &next.body["items"][0]["email"]), (200, &json!("bert@example.com")));
}
