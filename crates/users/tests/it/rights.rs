//! Rights that are taken away count at once: a caller who was let in with more gets no further.

use palisade_core::{ErrorKind, Parse, Role};
use palisade_users::{Status, User};
use serde_json::json;

use crate::world::{ANY, World, change, new_user, refusal, refused};

/// What becomes of a write by somebody whom an administrator has deprived, disabled or deleted meanwhile.
async fn after(
    taken: serde_json::Value,
    act: impl AsyncFn(&World, &palisade_core::Principal, &User) -> (u16, Option<String>),
) -> (u16, Option<String>) {
    let world = World::new();
    let (root, eve) = (world.with_roles("root", &["admin"]).await, world.with_roles("eve", &["admin"]).await);
    let (as_root, as_eve) = (world.caller(&root).await, world.caller(&eve).await);
    world.users.update(&as_root, eve.id, &change(taken), ANY).await.unwrap();
    let outcome = act(&world, &as_eve, &eve).await;
    assert!(
        world.present(eve.id).await.roles != eve.roles
            || world.present(eve.id).await.status == Status::Disabled
    );
    outcome
}

#[tokio::test]
async fn a_removed_administrator_cannot_put_itself_back() {
    let outcome = after(json!({"roles": ["user"]}), async |world, as_eve, eve| {
        refusal(world.users.update(as_eve, eve.id, &change(json!({"roles": ["admin"]})), ANY).await)
    });
    assert_eq!(outcome.await, refused(403, "users.field_forbidden"));
}

#[tokio::test]
async fn a_removed_administrator_makes_no_other() {
    let outcome = after(json!({"roles": ["user"]}), async |world, as_eve, _| {
        let friend = world.sign_up("friend").await;
        refusal(world.users.update(as_eve, friend.id, &change(json!({"roles": ["admin"]})), ANY).await)
    });
    assert_eq!(outcome.await, refused(403, "users.not_yours"));
}

#[tokio::test]
async fn a_removed_administrator_adds_and_removes_nobody() {
    let outcome = after(json!({"roles": ["user"]}), async |world, as_eve, _| {
        let victim = world.sign_up("victim").await;
        let deleted = refusal(world.users.delete(as_eve, victim.id, ANY).await);
        assert_eq!(world.present(victim.id).await, victim);
        let created = world.users.create(as_eve, new_user("friend", json!({"roles": ["admin"]}))).await;
        let created = refusal(created);
        assert_eq!(world.usernames(&[("q", "friend")]).await, Vec::<String>::new());
        assert_eq!(created, deleted);
        created
    });
    assert_eq!(outcome.await, refused(403, "users.not_yours"));
}

#[tokio::test]
async fn a_clerk_who_has_become_none_makes_no_clerk() {
    let world = World::new();
    let (root, clerk) =
        (world.with_roles("root", &["admin"]).await, world.with_roles("clerk", &["clerk"]).await);
    let (as_root, as_clerk) = (world.caller(&root).await, world.caller(&clerk).await);
    world.users.update(&as_root, clerk.id, &change(json!({"roles": []})), ANY).await.unwrap();
    let roles = change(json!({"roles": ["clerk"]}));
    let outcome = world.users.update(&as_clerk, clerk.id, &roles, ANY).await;
    assert_eq!(refusal(outcome), refused(403, "users.field_forbidden"));
    let name = change(json!({"name": "Own name"}));
    assert!(
        world.users.update(&as_clerk, clerk.id, &name, ANY).await.is_ok(),
        "what everybody may, it still may"
    );
}

#[tokio::test]
async fn whoever_is_disabled_or_gone_writes_nothing() {
    let outcome = after(json!({"status": "disabled"}), async |world, as_eve, eve| {
        refusal(world.users.update(as_eve, eve.id, &change(json!({"name": "Eve"})), ANY).await)
    });
    assert_eq!(outcome.await, refused(401, "auth.invalid_token"));

    let world = World::new();
    let (root, ann) = (world.with_roles("root", &["admin"]).await, world.with_roles("ann", &["clerk"]).await);
    let (as_root, as_ann) = (world.caller(&root).await, world.caller(&ann).await);
    world.users.delete(&as_root, ann.id, ANY).await.unwrap();
    let created = world.users.create(&as_ann, new_user("bob", json!({}))).await;
    assert_eq!(refusal(created), refused(401, "auth.invalid_token"));
}

#[tokio::test]
async fn a_change_of_roles_counts_at_once_in_its_own_process() {
    let world = World::new();
    let (root, ann) = (world.with_roles("root", &["admin"]).await, world.sign_up("ann").await);
    let (as_root, token) = (world.caller(&root).await, world.token("ann").await.unwrap());
    let roles = async || world.auth.authenticate(token.expose()).await.unwrap().roles;
    assert!(!roles().await.contains(&Role::parse("clerk").unwrap()));
    world.users.update(&as_root, ann.id, &change(json!({"roles": ["clerk"]})), ANY).await.unwrap();
    assert!(roles().await.contains(&Role::parse("clerk").unwrap()), "and no second has passed");
    world.users.update(&as_root, ann.id, &change(json!({"status": "disabled"})), ANY).await.unwrap();
    let refused = world.auth.authenticate(token.expose()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn who_is_deleted_is_told_and_nobody_else() {
    let world = World::new();
    let (root, ann) = (world.with_roles("root", &["admin"]).await, world.sign_up("ann").await);
    let as_root = world.caller(&root).await;
    assert!(world.users.delete(&as_root, ann.id, |_| false).await.is_err());
    assert_eq!(*world.gone.0.lock().unwrap(), []);
    world.users.delete(&as_root, ann.id, ANY).await.unwrap();
    assert_eq!(*world.gone.0.lock().unwrap(), [ann.id]);
}
