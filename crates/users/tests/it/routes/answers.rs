//! What a user looks like, and versions.

use actix_web::test::TestRequest;
use serde_json::json;

use super::Api;
use crate::world::{PASSWORD, World};

#[actix_web::test]
async fn signing_up_answers_with_the_user_and_where_it_is() {
    let world = World::new();
    let api = Api::of(&world).await;
    let body = json!({"email": "Ann@Example.com", "username": "ann", "name": "Ann", "password": PASSWORD});
    let answer = api.send(TestRequest::post().uri("/api/v1/auth/register").set_json(body), None).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let user = &answer.body;
    let id = user["id"].as_str().unwrap();
    let time = user["created_at"].as_str().unwrap();
    assert!(time.ends_with('Z'), "{time}");
    let wanted = json!({
        "id": id, "email": "ann@example.com", "username": "ann", "name": "Ann", "roles": ["user"],
        "status": "active", "created_at": time, "updated_at": time,
    });
    assert_eq!(*user, wanted);

    let location = &answer.headers["location"];
    assert_eq!(*location, format!("/api/v1/users/{id}"));
    let token = world.token("ann").await.unwrap();
    for path in [location.as_str(), "/api/v1/users/me"] {
        let found = api.get(path, &token).await;
        assert_eq!((found.status, &found.body), (200, user));
        assert_eq!(found.headers["etag"], answer.headers["etag"]);
        assert!(!found.headers.contains_key("cache-control"), "the layer of security headers says no-store");
    }
}

#[actix_web::test]
async fn whoever_has_the_present_version_is_spared_the_body() {
    let world = World::new();
    let (ann, api) = (world.sign_up("ann").await, Api::of(&world).await);
    let token = world.token("ann").await.unwrap();
    let path = format!("/api/v1/users/{}", ann.id);
    let tag = api.get(&path, &token).await.headers["etag"].clone();
    let ask = async |sent: &str| {
        let request = TestRequest::get().uri(&path).insert_header(("if-none-match", sent));
        api.send(request, Some(&token)).await
    };
    for sent in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = ask(&sent).await;
        assert_eq!((answer.status, &answer.headers["etag"]), (304, &tag), "{sent}");
        assert!(answer.body.is_null());
    }
    assert_eq!(ask("\"other\"").await.status, 200);
    for (wanted, status) in [(tag.as_str(), 200), ("*", 200), ("\"other\"", 412), ("no tag", 400)] {
        let request = TestRequest::get().uri(&path).insert_header(("if-match", wanted));
        assert_eq!(api.send(request, Some(&token)).await.status, status, "{wanted}");
    }
    assert_eq!(api.patch(&path, &token, json!({"name": "Ann"})).await.status, 200);
    let changed = ask(&tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.headers["etag"], tag);
}

#[actix_web::test]
async fn the_same_version_of_two_users_has_two_tags() {
    let world = World::new();
    let api = Api::of(&world).await;
    let mut tags = Vec::new();
    for username in ["ann", "bob"] {
        world.sign_up(username).await;
        let token = world.token(username).await.unwrap();
        tags.push(api.get("/api/v1/users/me", &token).await.headers["etag"].clone());
    }
    assert_ne!(tags[0], tags[1]);
}

#[actix_web::test]
async fn a_body_is_taken_whole_or_refused_with_every_problem() {
    let api = Api::of(&World::new()).await;
    let register =
        async |body| api.send(TestRequest::post().uri("/api/v1/auth/register").set_json(body), None).await;
    for (body, fields) in [
        (json!({}), vec!["/email", "/username", "/password"]),
        (json!({"email": 1, "username": ["a"], "password": PASSWORD}), vec!["/email", "/username"]),
        (
            json!({"email": "no", "username": "a b", "name": "a\nb", "password": PASSWORD, "admin": true}),
            vec!["/email", "/username", "/name", "/admin"],
        ),
        (
            json!({"email": "a@b.co", "username": "ann", "password": PASSWORD, "roles": ["admin"]}),
            vec!["/roles"],
        ),
        (json!({"email": "a@b.co", "username": "ann", "password": "password"}), vec!["/password"]),
        (json!([]), vec![""]),
    ] {
        let answer = register(body).await;
        assert_eq!((answer.status, answer.fields()), (422, fields), "{answer:?}");
    }
}
