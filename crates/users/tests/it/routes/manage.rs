//! Routes for who manages users.

use actix_web::test::TestRequest;
use palisade_core::Secret;
use serde_json::{Value, json};

use super::{Answer, Api};
use crate::world::{PASSWORD, World};

async fn root(world: &World) -> Secret {
    world.with_roles("root", &["admin"]).await;
    world.token("root").await.unwrap()
}

impl Api {
    async fn add(&self, token: &Secret, body: Value) -> Answer {
        self.send(TestRequest::post().uri("/api/v1/users").set_json(body), Some(token)).await
    }

    async fn delete(&self, path: &str, token: &Secret) -> Answer {
        self.send(TestRequest::delete().uri(path), Some(token)).await
    }
}

#[actix_web::test]
async fn users_do_not_manage_users() {
    let world = World::new();
    let (ann, api) = (world.sign_up("ann").await, Api::of(&world).await);
    let token = world.token("ann").await.unwrap();
    assert_eq!(api.get("/api/v1/users", &token).await.status, 403);
    assert_eq!(api.add(&token, json!({"email": "a@b.co", "username": "abc"})).await.status, 403);
    assert_eq!(api.delete(&format!("/api/v1/users/{}", ann.id), &token).await.status, 403);
    assert_eq!(world.present(ann.id).await, ann);
}

#[actix_web::test]
async fn an_admin_adds_sees_changes_and_removes_anyone() {
    let world = World::new();
    let (token, api) = (root(&world).await, Api::of(&world).await);
    let body = json!({"email": "bob@example.com", "username": "bob", "roles": ["ops"], "status": "disabled"});
    let added = api.add(&token, body).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!((&added.body["roles"], &added.body["status"]), (&json!(["ops"]), &json!("disabled")));
    let path = added.headers["location"].as_str();
    assert_eq!(path, format!("/api/v1/users/{}", added.body["id"].as_str().unwrap()));
    assert_eq!(api.get(path, &token).await.body, added.body);

    let changed =
        api.patch(path, &token, json!({"status": "active", "roles": ["user", "ops", "user"]})).await;
    assert_eq!(
        (&changed.body["roles"], &changed.body["status"]),
        (&json!(["ops", "user"]), &json!("active"))
    );

    let request = TestRequest::delete().uri(path).insert_header(("if-match", added.headers["etag"].as_str()));
    assert_eq!(api.send(request, Some(&token)).await.status, 412, "it was changed since");
    let deleted = api.delete(path, &token).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    for answer in [api.get(path, &token).await, api.delete(path, &token).await] {
        assert_eq!(answer.status, 404);
    }
}

#[actix_web::test]
async fn who_is_added_with_a_password_signs_in_with_it() {
    let world = World::new();
    let (token, api) = (root(&world).await, Api::of(&world).await);
    let body = |username: &str| json!({"email": format!("{username}@example.com"), "username": username});
    assert_eq!(api.add(&token, body("without")).await.status, 201);
    let mut with = body("with");
    with["password"] = json!(PASSWORD);
    assert_eq!(api.add(&token, with).await.status, 201);
    assert!(world.token("with").await.is_ok());
    assert_eq!(world.token("without").await.unwrap_err().status(), 401);
}

#[actix_web::test]
async fn the_last_admin_is_kept() {
    let world = World::new();
    let (token, api) = (root(&world).await, Api::of(&world).await);
    let me = api.get("/api/v1/users/me", &token).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/{me}");
    assert_eq!(api.delete(&path, &token).await.status, 409);
    assert_eq!(api.patch("/api/v1/users/me", &token, json!({"roles": ["user"]})).await.status, 409);
    assert_eq!(api.patch(&path, &token, json!({"status": "disabled"})).await.status, 409);
    assert_eq!(api.get(&path, &token).await.status, 200);
}
