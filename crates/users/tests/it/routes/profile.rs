//! Routes for the user itself.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{Answer, Api};
use crate::world::World;

#[actix_web::test]
async fn without_a_token_nobody_comes_in() {
    let world = World::new();
    let (ann, api) = (world.sign_up("ann").await, Api::of(&world).await);
    let of_ann = format!("/api/v1/users/{}", ann.id);
    for request in [
        TestRequest::get().uri("/api/v1/users/me"),
        TestRequest::patch().uri("/api/v1/users/me").set_json(json!({})),
        TestRequest::get().uri(&of_ann),
        TestRequest::patch().uri(&of_ann).set_json(json!({})),
        TestRequest::delete().uri(&of_ann),
        TestRequest::get().uri("/api/v1/users"),
        TestRequest::post().uri("/api/v1/users").set_json(json!({})),
    ] {
        assert_eq!(api.send(request, None).await.status, 401);
    }
}

#[actix_web::test]
async fn users_see_themselves_and_nobody_else() {
    let world = World::new();
    let (ann, bob) = (world.sign_up("ann").await, world.sign_up("bob").await);
    let (api, token) = (Api::of(&world).await, world.token("ann").await.unwrap());
    let status = async |path: &str| api.get(path, &token).await.status;
    assert_eq!(status("/api/v1/users/me").await, 200);
    assert_eq!(status(&format!("/api/v1/users/{}", ann.id)).await, 200);
    assert_eq!(status(&format!("/api/v1/users/{}", bob.id)).await, 403);
    assert_eq!(status("/api/v1/users/0198c5a8-b1c7-7d3e-8a4f-0123456789ab").await, 403);
    let answer = api.get("/api/v1/users/nobody", &token).await;
    assert_eq!((answer.status, answer.fields()), (422, vec!["/id"]));
}

#[actix_web::test]
async fn a_profile_is_changed_under_both_of_its_addresses() {
    let world = World::new();
    let (ann, api) = (world.sign_up("ann").await, Api::of(&world).await);
    let token = world.token("ann").await.unwrap();
    let by_id = format!("/api/v1/users/{}", ann.id);
    for (path, name) in [("/api/v1/users/me", json!("Ann Lee")), (by_id.as_str(), Value::Null)] {
        let answer = api.patch(path, &token, json!({"name": name, "username": "Ann"})).await;
        assert_eq!((answer.status, &answer.body["name"]), (200, &name), "{answer:?}");
        assert_eq!(answer.headers["etag"], api.get(path, &token).await.headers["etag"]);
    }
}

#[actix_web::test]
async fn what_a_user_may_not_set_is_refused_and_never_ignored() {
    let world = World::new();
    let (ann, api) = (world.sign_up("ann").await, Api::of(&world).await);
    let token = world.token("ann").await.unwrap();
    for path in ["/api/v1/users/me".to_owned(), format!("/api/v1/users/{}", ann.id)] {
        for body in [json!({"roles": ["admin"]}), json!({"name": "Ann", "status": "disabled"})] {
            assert_eq!(api.patch(&path, &token, body).await.status, 403);
        }
        for field in ["id", "created_at", "updated_at", "version", "password", "password_hash", "is_admin"] {
            let answer = api.patch(&path, &token, json!({field: "x"})).await;
            assert_eq!((answer.status, answer.fields()), (422, vec![format!("/{field}").as_str()]));
        }
        let answer = api.patch(&path, &token, json!({"email": null, "username": "a"})).await;
        assert_eq!((answer.status, answer.fields()), (422, vec!["/email", "/username"]));
    }
    assert_eq!(world.present(ann.id).await, ann);
}

#[actix_web::test]
async fn a_change_may_be_bound_to_a_version() {
    let world = World::new();
    world.sign_up("ann").await;
    let (api, token) = (Api::of(&world).await, world.token("ann").await.unwrap());
    let tag = api.get("/api/v1/users/me", &token).await.headers["etag"].clone();
    let change = async |tag: &str, name: &str| -> Answer {
        let request = TestRequest::patch().uri("/api/v1/users/me").insert_header(("if-match", tag));
        api.send(request.set_json(json!({"name": name})), Some(&token)).await
    };
    assert_eq!(change(&format!("W/{tag}"), "Weak").await.status, 412, "RFC 9110 §13.1.1 compares strongly");
    let first = change(&tag, "First").await;
    assert_eq!(first.status, 200);
    assert_eq!(change(&tag, "Late").await.status, 412);
    assert_eq!(change(&format!("\"other\", {}", first.headers["etag"]), "Second").await.status, 200);
    assert_eq!(change("*", "Third").await.status, 200);
    assert_eq!(change("no tag", "Fourth").await.status, 400);
    // RFC 9110 §13.1.2: for a method that changes something, `If-None-Match` is a guard too.
    let unless = TestRequest::patch().uri("/api/v1/users/me").insert_header(("if-none-match", "*"));
    assert_eq!(api.send(unless.set_json(json!({"name": "Fifth"})), Some(&token)).await.status, 412);
    assert_eq!(api.get("/api/v1/users/me", &token).await.body["name"], "Third");
}

#[actix_web::test]
async fn what_another_has_is_a_conflict() {
    let world = World::new();
    world.sign_up("ann").await;
    world.sign_up("bob").await;
    let (api, token) = (Api::of(&world).await, world.token("ann").await.unwrap());
    for body in [json!({"email": "BOB@example.com"}), json!({"username": "BOB"})] {
        assert_eq!(api.patch("/api/v1/users/me", &token, body).await.status, 409);
    }
}
