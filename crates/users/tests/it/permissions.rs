//! Who may see and change whom.

use palisade_users::{Status, UserChange};
use serde_json::json;

use crate::world::{ANY, World, change, refusal, refused, roles};

#[tokio::test]
async fn users_see_themselves_and_admins_see_all() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let (ann, bob) = (world.sign_up("ann").await, world.sign_up("bob").await);
    let (as_ann, as_root) = (world.caller(&ann).await, world.caller(&root).await);
    assert_eq!(world.users.get(&as_ann, ann.id).await.unwrap().user, ann);
    assert_eq!(world.users.me(&as_ann).await.unwrap(), ann);
    assert_eq!(world.users.get(&as_root, bob.id).await.unwrap().user, bob);
}

#[tokio::test]
async fn nobody_learns_whether_another_user_exists() {
    let world = World::new();
    let (ann, bob) = (world.sign_up("ann").await, world.sign_up("bob").await);
    let caller = world.caller(&ann).await;
    let nobody =
        palisade_core::Ids::new(world.clock.clone(), std::sync::Arc::new(palisade_core::SystemRandom)).id();
    for id in [bob.id, nobody] {
        assert_eq!(refusal(world.users.get(&caller, id).await), refused(403, "users.not_yours"));
        let changed = world.users.update(&caller, id, &UserChange::default(), ANY).await;
        assert_eq!(refusal(changed), refused(403, "users.not_yours"));
    }
    let root = world.with_roles("root", &["admin"]).await;
    let as_root = world.caller(&root).await;
    assert_eq!(refusal(world.users.get(&as_root, nobody).await), refused(404, "users.not_found"));
}

#[tokio::test]
async fn nobody_sets_their_own_roles_or_status() {
    let world = World::new();
    let ann = world.sign_up("ann").await;
    let caller = world.caller(&ann).await;
    for (body, field) in [
        (json!({"roles": ["admin"]}), "roles"),
        (json!({"roles": ["user"]}), "roles"),
        (json!({"status": "active"}), "status"),
        (json!({"name": "Ann", "status": "disabled"}), "status"),
    ] {
        let error = world.users.update(&caller, ann.id, &change(body), ANY).await.unwrap_err();
        let error = palisade_core::Error::from(error);
        assert_eq!((error.status(), error.reason()), (403, Some("users.field_forbidden")));
        assert!(error.message().contains(field), "{}", error.message());
    }
    assert_eq!(world.present(ann.id).await, ann);
}

#[tokio::test]
async fn an_admin_sets_everything_about_anyone() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let (ann, caller) = (world.sign_up("ann").await, world.caller(&root).await);
    let body =
        json!({"email": "a@b.co", "username": "lee", "name": "Lee", "roles": ["ops"], "status": "disabled"});
    let after = world.users.update(&caller, ann.id, &change(body), ANY).await.unwrap();
    assert_eq!((after.email.as_str(), after.username.as_str()), ("a@b.co", "lee"));
    assert_eq!((after.roles, after.status), (roles(&["ops"]), Status::Disabled));
}
