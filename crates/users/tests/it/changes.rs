//! Changing and removing users.

use std::time::Duration;

use palisade_users::{User, Version};
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::{ANY, World, change, refusal, refused, roles};

#[tokio::test]
async fn a_change_writes_what_it_names_and_counts() {
    let world = World::new();
    let ann = world.sign_up("ann").await;
    let caller = world.caller(&ann).await;
    world.clock.advance(Duration::from_secs(5));
    let body = change(json!({"name": " Ann Lee ", "email": "Lee@example.com"}));
    let after = world.users.update(&caller, ann.id, &body, ANY).await.unwrap();
    assert_eq!(after.name.as_ref().unwrap().as_str(), "Ann Lee");
    assert_eq!((after.email.as_str(), after.username.as_str()), ("lee@example.com", "ann"));
    assert_eq!((after.created_at, after.version), (ann.created_at, ann.version.next()));
    assert_eq!(after.updated_at, ann.updated_at + Duration::from_secs(5));
    assert_eq!(world.present(ann.id).await, after);

    let cleared = world.users.update(&caller, ann.id, &change(json!({"name": null})), ANY).await.unwrap();
    assert_eq!(cleared.name, None);
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_no_new_version() {
    let world = World::new();
    let ann = world.sign_up("ann").await;
    let caller = world.caller(&ann).await;
    for body in [json!({}), json!({"username": "ann"}), json!({"email": "ANN@example.com"})] {
        assert_eq!(world.users.update(&caller, ann.id, &change(body), ANY).await.unwrap(), ann);
    }
    let recased =
        world.users.update(&caller, ann.id, &change(json!({"username": "ANN"})), ANY).await.unwrap();
    assert_eq!((recased.username.as_str(), recased.version), ("ANN", ann.version.next()));
}

#[tokio::test]
async fn a_change_made_for_an_older_version_is_refused() {
    let world = World::new();
    let ann = world.sign_up("ann").await;
    let caller = world.caller(&ann).await;
    let body = change(json!({"name": "First"}));
    let first =
        world.users.update(&caller, ann.id, &body, |user: &User| user.version == ann.version).await.unwrap();
    for expected in [ann.version, Version::from_number(99)] {
        let late = world
            .users
            .update(&caller, ann.id, &change(json!({"name": "Late"})), |user: &User| user.version == expected)
            .await;
        assert_eq!(refusal(late), refused(412, "users.changed"));
    }
    assert_eq!(world.present(ann.id).await, first);
    let root = world.with_roles("root", &["admin"]).await;
    let deleted = world
        .users
        .delete(&world.caller(&root).await, ann.id, |user: &User| user.version == ann.version)
        .await;
    assert_eq!(refusal(deleted), refused(412, "users.changed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_to_different_fields_at_once_are_all_kept() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let (ann, caller) = (world.sign_up("ann").await, world.caller(&root).await);
    let bodies = [
        json!({"name": "Ann Lee"}),
        json!({"email": "lee@example.com"}),
        json!({"username": "lee"}),
        json!({"roles": ["user", "ops"]}),
    ];
    let mut changes = JoinSet::new();
    for body in bodies {
        let (users, caller, id) = (world.users.clone(), caller.clone(), ann.id);
        changes.spawn(async move { users.update(&caller, id, &change(body), ANY).await.unwrap() });
    }
    changes.join_all().await;
    let after = world.present(ann.id).await;
    assert_eq!(after.name.unwrap().as_str(), "Ann Lee");
    assert_eq!((after.email.as_str(), after.username.as_str()), ("lee@example.com", "lee"));
    assert_eq!((after.roles, after.version.number()), (roles(&["user", "ops"]), 5));
}

#[tokio::test]
async fn what_another_has_cannot_be_taken() {
    let world = World::new();
    world.sign_up("bob").await;
    let ann = world.sign_up("ann").await;
    let caller = world.caller(&ann).await;
    let email = world.users.update(&caller, ann.id, &change(json!({"email": "BOB@example.com"})), ANY).await;
    assert_eq!(refusal(email), refused(409, "users.email_taken"));
    let username = world.users.update(&caller, ann.id, &change(json!({"username": "BOB"})), ANY).await;
    assert_eq!(refusal(username), refused(409, "users.username_taken"));
    assert_eq!(world.present(ann.id).await, ann);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_address_is_free() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let (ann, caller) = (world.sign_up("ann").await, world.caller(&root).await);
    world.users.delete(&caller, ann.id, |user: &User| user.version == ann.version).await.unwrap();
    assert_eq!(refusal(world.users.get(&caller, ann.id).await), refused(404, "users.not_found"));
    assert_eq!(refusal(world.users.delete(&caller, ann.id, ANY).await), refused(404, "users.not_found"));
    assert_ne!(world.sign_up("ann").await.id, ann.id);
}
