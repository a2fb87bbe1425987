//! How soon an ended session, a disabled user and a changed role take effect.

use std::sync::atomic::Ordering;

use palisade_core::Role;
use tokio::task::JoinSet;

use crate::world::{World, poll_once};

#[tokio::test]
async fn what_this_process_ends_is_dead_at_once() {
    let world = World::new();
    let (first, second) = (world.login().await, world.login().await);
    let caller = world.auth.authenticate(first.access_token.expose()).await.unwrap();
    assert_eq!(world.refusal(&second).await, None);
    world.auth.logout(&caller).await.unwrap();
    assert_eq!(world.refusal(&first).await, Some(401));
    assert!(world.auth.refresh(&first.refresh_token).await.is_err());
    assert_eq!(world.refusal(&second).await, None);
    world.auth.logout(&caller).await.unwrap();

    world.auth.logout_all(world.ann).await.unwrap();
    assert_eq!(world.refusal(&second).await, Some(401));
    assert!(world.auth.sessions(world.ann).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_session_of_several_can_be_ended_by_its_owner_only() {
    let world = World::new();
    let (first, second) = (world.login().await, world.login().await);
    let id = world.auth.authenticate(first.access_token.expose()).await.unwrap().session_id().unwrap();
    let stranger = palisade_core::UserId::from_uuid(id.uuid());
    assert_eq!(world.auth.revoke(stranger, id).await.unwrap_err().status(), 404);
    assert_eq!(world.refusal(&first).await, None);
    world.auth.revoke(world.ann, id).await.unwrap();
    assert_eq!(world.refusal(&first).await, Some(401));
    assert_eq!(world.refusal(&second).await, None);
    assert_eq!(world.auth.revoke(world.ann, id).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn a_change_made_elsewhere_takes_effect_within_a_second() {
    let world = World::new();
    let tokens = world.login().await;
    let caller = async || world.auth.authenticate(tokens.access_token.expose()).await;
    assert!(!caller().await.unwrap().may("users:read"));

    world.users.change(world.ann, |ann| ann.roles = [Role::admin()].into());
    world.clock.advance(std::time::Duration::from_millis(999));
    assert!(!caller().await.unwrap().may("users:read"), "an answer is kept for a second");
    world.clock.advance(std::time::Duration::from_millis(1));
    assert!(caller().await.unwrap().may("users:read"));

    world.users.change(world.ann, |ann| ann.active = false);
    world.advance_seconds(1);
    assert_eq!(caller().await.unwrap_err().status(), 401);
    world.users.change(world.ann, |ann| ann.active = true);
    world.advance_seconds(1);
    assert!(caller().await.is_ok());
}

#[tokio::test]
async fn a_hundred_requests_within_a_second_ask_once() {
    let world = World::new();
    let tokens = world.login().await;
    world.users.look_ups.store(0, Ordering::SeqCst);
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let (auth, token) = (world.auth.clone(), tokens.access_token.clone());
        requests.spawn(async move { auth.authenticate(token.expose()).await.unwrap() });
    }
    assert_eq!(requests.join_all().await.len(), 100);
    assert_eq!(world.users.look_ups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_lost_database_is_not_remembered() {
    let world = World::new();
    let tokens = world.login().await;
    world.users.lost.store(true, Ordering::SeqCst);
    assert_eq!(world.refusal(&tokens).await, Some(503));
    world.users.lost.store(false, Ordering::SeqCst);
    assert_eq!(world.refusal(&tokens).await, None);
}

#[tokio::test]
async fn an_answer_on_its_way_does_not_outlive_the_session() {
    let world = World::new();
    let tokens = world.login().await;
    let caller = world.auth.authenticate(tokens.access_token.expose()).await.unwrap();
    world.advance_seconds(1);
    let on_its_way = world.users.on_its_way.lock().await;
    let mut early = Box::pin(world.refusal(&tokens));
    assert!(poll_once(&mut early).await.is_none());
    world.auth.logout(&caller).await.unwrap();
    drop(on_its_way);
    assert_eq!(early.await, None, "it came before the end");
    assert_eq!(world.refusal(&tokens).await, Some(401));
}

#[tokio::test]
async fn nobody_gets_an_answer_that_was_read_long_before_asking() {
    let world = World::new();
    let tokens = world.login().await;
    let on_its_way = world.users.on_its_way.lock().await;
    let mut early = Box::pin(world.refusal(&tokens));
    assert!(poll_once(&mut early).await.is_none());
    world.users.change(world.ann, |ann| ann.active = false);
    world.advance_seconds(2);
    let mut late = Box::pin(world.refusal(&tokens));
    assert!(poll_once(&mut late).await.is_none(), "it waits for the same answer");
    drop(on_its_way);
    assert_eq!(early.await, None);
    assert_eq!(late.await, Some(401));
}
