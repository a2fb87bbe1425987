//! Signing up.

use std::sync::Arc;

use palisade_core::{Secret, input};
use palisade_users::{MemoryUserStore, Registration, SignUp, Status};
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::{World, new_user, refusal, refused, roles, sign_up};

#[tokio::test]
async fn who_signs_up_is_an_active_user_and_nothing_more() {
    let world = World::new();
    let ann = world.sign_up("Ann").await;
    assert_eq!((ann.roles.clone(), ann.status), (roles(&["user"]), Status::Active));
    assert_eq!(ann.id.uuid().get_version_num(), 7);
    assert_eq!(ann.created_at, ann.updated_at);
    assert_eq!(world.present(ann.id).await, ann);
    assert!(world.token("ann").await.is_ok(), "and can sign in");
}

#[tokio::test]
async fn an_address_or_a_name_that_is_taken_is_refused_in_any_case() {
    let world = World::new();
    world.sign_up("ann").await;
    let again = |email: &str, username: &str| {
        let body = json!({"email": email, "username": username, "password": "nine brown otters drift"});
        input::read::<SignUp>(&body).unwrap()
    };
    let same_email = world.users.register(again("ANN@Example.COM", "other")).await;
    assert_eq!(refusal(same_email), refused(409, "users.email_taken"));
    let same_username = world.users.register(again("other@example.com", "ANN")).await;
    assert_eq!(refusal(same_username), refused(409, "users.username_taken"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_sign_up_with_one_address_one_gets_it() {
    let world = World::new();
    let mut racers = JoinSet::new();
    for number in 0..50 {
        let (users, mut body) = (world.users.clone(), sign_up(&format!("racer{number}")));
        body.email = sign_up("wanted").email;
        racers.spawn(async move { users.register(body).await });
    }
    let (taken, refusals): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refusals.len()), (1, 49));
    assert!(refusals.into_iter().all(|result| refusal(result) == refused(409, "users.email_taken")));
}

#[tokio::test]
async fn a_password_that_is_weak_or_personal_is_refused_and_nobody_is_added() {
    let world = World::new();
    for (password, code) in
        [("short", "too_short"), ("password", "too_weak"), ("xx-annabel-99-green", "contains_personal")]
    {
        let sign_up = SignUp { password: Secret::new(password), ..sign_up("annabel") };
        let error = palisade_core::Error::from(world.users.register(sign_up).await.unwrap_err());
        assert_eq!((error.fields()[0].field.as_str(), error.fields()[0].code.as_ref()), ("/password", code));
    }
    assert!(world.usernames(&[]).await.is_empty());
}

#[tokio::test]
async fn closed_registration_lets_nobody_in_but_those_whom_others_add() {
    let world = World::with(Registration::Closed, Arc::new(MemoryUserStore::default()));
    let closed = world.users.register(sign_up("ann")).await;
    assert_eq!(refusal(closed), refused(403, "users.registration_closed"));
    assert!(world.users.create_with_roles(new_user("bob", json!({}))).await.is_ok());
    assert!(world.users.create_admin(sign_up("root")).await.is_ok());
}
