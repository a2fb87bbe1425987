//! Administrators: the first and the last.

use serde_json::json;
use tokio::task::JoinSet;

use crate::world::{ANY, World, change, refusal, refused, roles, sign_up};

#[tokio::test]
async fn the_first_admin_is_set_up_while_there_is_none() {
    let world = World::new();
    world.sign_up("early_bird").await;
    assert!(!world.users.has_admin().await.unwrap());
    let admin = world.users.create_admin(sign_up("root")).await.unwrap();
    assert_eq!(admin.roles, roles(&["admin", "user"]));
    assert!(world.users.has_admin().await.unwrap());
    let second = world.users.create_admin(sign_up("second")).await;
    assert_eq!(refusal(second), refused(409, "users.admin_exists"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_set_ups_at_once_one_succeeds() {
    let world = World::new();
    let mut racers = JoinSet::new();
    for number in 0..10 {
        let (users, body) = (world.users.clone(), sign_up(&format!("root{number}")));
        racers.spawn(async move { users.create_admin(body).await });
    }
    let results = racers.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(world.usernames(&[("role", "admin")]).await.len(), 1);
}

#[tokio::test]
async fn the_last_active_admin_cannot_be_disabled_demoted_or_deleted() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let caller = world.caller(&root).await;
    for body in [json!({"status": "disabled"}), json!({"roles": ["user"]}), json!({"roles": []})] {
        let refused_change = world.users.update(&caller, root.id, &change(body), ANY).await;
        assert_eq!(refusal(refused_change), refused(409, "users.last_admin"));
    }
    let deletion = world.users.delete(&caller, root.id, ANY).await;
    assert_eq!(refusal(deletion), refused(409, "users.last_admin"));
    assert_eq!(world.present(root.id).await, root);
    assert!(world.auth.authenticate(world.token("root").await.unwrap().expose()).await.is_ok());

    world.with_roles("second", &["admin"]).await;
    let demoted =
        world.users.update(&caller, root.id, &change(json!({"roles": ["user"]})), ANY).await.unwrap();
    assert_eq!(demoted.roles, roles(&["user"]));
}

#[tokio::test]
async fn a_clerk_who_may_write_users_cannot_make_or_touch_an_admin() {
    let world = World::new();
    let root = world.with_roles("root", &["admin"]).await;
    let clerk = world.with_roles("clerk", &["clerk"]).await;
    let caller = world.caller(&clerk).await;
    let make = |username: &str, roles: &[&str]| crate::world::new_user(username, json!({"roles": roles}));

    assert!(world.users.create(&caller, make("plain", &["user"])).await.is_ok());
    let created = world.users.create(&caller, make("boss", &["admin"])).await;
    assert_eq!(refusal(created), refused(403, "users.field_forbidden"));
    let promoted = world.users.update(&caller, clerk.id, &change(json!({"roles": ["admin"]})), ANY).await;
    assert_eq!(refusal(promoted), refused(403, "users.field_forbidden"));
    for body in [json!({"status": "disabled"}), json!({"email": "mine@example.com"}), json!({"roles": []})] {
        let touched = world.users.update(&caller, root.id, &change(body), ANY).await;
        assert_eq!(refusal(touched), refused(403, "users.not_yours"));
    }
    let deleted = world.users.delete(&caller, root.id, ANY).await;
    assert_eq!(refusal(deleted), refused(403, "users.not_yours"));
    assert_eq!(world.present(root.id).await, root);
}
