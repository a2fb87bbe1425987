//! What becomes of sign-in when a user changes.

use std::time::Duration;

use palisade_auth::Identities;
use palisade_core::{Principal, Secret};
use palisade_events::Units;
use palisade_users::{UserIdentities, WRITE};
use serde_json::json;

use crate::world::{ANY, World, change, new_user};

async fn status(world: &World, token: &Secret) -> Option<u16> {
    world.auth.authenticate(token.expose()).await.err().map(|error| error.status())
}

async fn as_root(world: &World) -> Principal {
    let root = world.with_roles("root", &["admin"]).await;
    world.caller(&root).await
}

#[tokio::test]
async fn a_disabled_user_is_signed_out_and_kept_out() {
    let world = World::new();
    let (root, ann) = (as_root(&world).await, world.sign_up("ann").await);
    let token = world.token("ann").await.unwrap();
    assert_eq!(status(&world, &token).await, None);
    let body = change(json!({"status": "disabled"}));
    world.users.update(&root, ann.id, &body, ANY).await.unwrap();
    assert_eq!(status(&world, &token).await, Some(401), "at once in this process");
    assert_eq!(world.token("ann").await.unwrap_err().status(), 401);

    let body = change(json!({"status": "active"}));
    world.users.update(&root, ann.id, &body, ANY).await.unwrap();
    assert_eq!(status(&world, &token).await, Some(401), "what has ended stays ended");
    assert!(world.token("ann").await.is_ok());
}

#[tokio::test]
async fn a_deleted_user_is_signed_out() {
    let world = World::new();
    let (root, ann) = (as_root(&world).await, world.sign_up("ann").await);
    let token = world.token("ann").await.unwrap();
    world.users.delete(&root, ann.id, ANY).await.unwrap();
    assert_eq!(status(&world, &token).await, Some(401));
    assert_eq!(world.token("ann").await.unwrap_err().status(), 401);
}

#[tokio::test]
async fn a_change_of_roles_takes_effect_within_a_second() {
    let world = World::new();
    let (root, ann) = (as_root(&world).await, world.sign_up("ann").await);
    let token = world.token("ann").await.unwrap();
    assert!(!world.auth.authenticate(token.expose()).await.unwrap().may(WRITE));
    world.users.update(&root, ann.id, &change(json!({"roles": ["clerk"]})), ANY).await.unwrap();
    world.clock.advance(Duration::from_millis(1_001));
    assert!(world.auth.authenticate(token.expose()).await.unwrap().may(WRITE));
}

#[tokio::test]
async fn who_has_no_password_or_is_added_disabled_cannot_sign_in() {
    let world = World::new();
    let invited = new_user("ann", json!({"password": null}));
    world.users.create_with_roles(invited).await.unwrap();
    world.users.create_with_roles(new_user("bob", json!({"status": "disabled"}))).await.unwrap();
    for username in ["ann", "bob"] {
        assert_eq!(world.token(username).await.unwrap_err().status(), 401);
    }
}

#[tokio::test]
async fn sign_in_finds_users_by_either_name_and_no_one_by_nonsense() {
    let world = World::new();
    let ann = world.sign_up("Ann").await;
    let identities = UserIdentities::new(world.store.clone());
    for login in ["ann", "ANN", "ann@example.com", "Ann@EXAMPLE.com"] {
        let found = identities.find_by_login(login).await.unwrap().unwrap();
        assert_eq!((found.user_id, found.active, found.roles), (ann.id, true, ann.roles.clone()));
    }
    for login in ["", "bob", "ann@", "ann@example.org", "ann\0", "%", "' or 1=1 --", &"a".repeat(400)] {
        assert!(identities.find_by_login(login).await.unwrap().is_none(), "{login}");
    }
}

#[tokio::test]
async fn a_password_replaces_only_the_one_it_was_verified_against() {
    let world = World::new();
    let (ann, bob) = (world.sign_up("ann").await, world.sign_up("bob").await);
    let identities = UserIdentities::new(world.store.clone());
    let hash = async |id| identities.find(id).await.unwrap().unwrap().password_hash.unwrap();
    let (of_ann, of_bob) = (hash(ann.id).await, hash(bob.id).await);
    let units = Units::in_memory();
    let replace = async |old| {
        let mut unit = units.begin();
        let new = of_bob.clone();
        let replaced = identities.replace_password_hash(&mut unit, ann.id, old, new).await.unwrap();
        unit.commit().await.unwrap();
        replaced
    };
    assert!(!replace(&of_bob).await);
    assert!(replace(&of_ann).await);
    assert_eq!(hash(ann.id).await, of_bob);
    assert_eq!(world.present(ann.id).await, ann, "which is no change of the user");

    world.users.delete(&as_root(&world).await, ann.id, ANY).await.unwrap();
    assert_eq!(
        identities.set_password_hash(&mut units.begin(), ann.id, of_bob).await.unwrap_err().status(),
        404
    );
}
