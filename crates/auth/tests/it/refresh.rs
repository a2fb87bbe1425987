//! Renewing tokens.

use std::collections::HashSet;

use palisade_core::Secret;
use tokio::task::JoinSet;

use crate::world::World;

#[tokio::test]
async fn a_refresh_gives_a_new_pair_of_the_same_session() {
    let world = World::new();
    let first = world.login().await;
    let second = world.auth.refresh(&first.refresh_token).await.unwrap();
    assert_ne!(first.refresh_token.expose(), second.refresh_token.expose());
    let session =
        async |token: &Secret| world.auth.authenticate(token.expose()).await.unwrap().session_id().unwrap();
    assert_eq!(session(&first.access_token).await, session(&second.access_token).await);
    assert_eq!(world.auth.sessions(world.ann).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_parallel_refreshes_give_one_child() {
    let world = World::new();
    let tokens = world.login().await;
    let mut uses = JoinSet::new();
    for _ in 0..20 {
        let (auth, token) = (world.auth.clone(), tokens.refresh_token.clone());
        uses.spawn(async move { auth.refresh(&token).await.unwrap().refresh_token.expose().to_owned() });
    }
    let children: Vec<String> = uses.join_all().await;
    assert_eq!(children.len(), 20);
    assert_eq!(children.into_iter().collect::<HashSet<_>>().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_can_be_fetched_again_for_ten_seconds() {
    let world = World::new();
    let tokens = world.login().await;
    let child = world.auth.refresh(&tokens.refresh_token).await.unwrap();
    world.advance_seconds(10);
    let again = world.auth.refresh(&tokens.refresh_token).await.unwrap();
    assert_eq!(child.refresh_token.expose(), again.refresh_token.expose());
    assert_eq!(world.refusal(&again).await, None);
}

#[tokio::test]
async fn later_reuse_ends_the_whole_session() {
    let world = World::new();
    let other = world.login().await;
    let tokens = world.login().await;
    let child = world.auth.refresh(&tokens.refresh_token).await.unwrap();
    assert_eq!(world.refusal(&child).await, None);
    world.advance_seconds(11);
    let error = world.auth.refresh(&tokens.refresh_token).await.unwrap_err();
    assert_eq!((error.status(), error.reason()), (401, Some("auth.invalid_refresh_token")));
    assert_eq!(world.refusal(&child).await, Some(401));
    assert!(world.auth.refresh(&child.refresh_token).await.is_err());
    assert_eq!(world.refusal(&other).await, None, "the other session goes on");
}

#[tokio::test]
async fn every_refresh_starts_the_time_without_use_anew() {
    let world = World::new();
    let mut tokens = world.login().await;
    for _ in 0..3 {
        world.advance_seconds(2_592_000 - 1);
        tokens = world.auth.refresh(&tokens.refresh_token).await.unwrap();
    }
    world.advance_seconds(2_592_000);
    assert!(world.auth.refresh(&tokens.refresh_token).await.is_err());
}

#[tokio::test]
async fn nothing_but_a_refresh_token_is_taken() {
    let world = World::new();
    let tokens = world.login().await;
    for text in ["", "prt_", tokens.access_token.expose(), &format!("prt_{}", "A".repeat(43))] {
        let error = world.auth.refresh(&Secret::new(text)).await.unwrap_err();
        assert_eq!(error.reason(), Some("auth.invalid_refresh_token"), "{text}");
    }
    assert_eq!(world.auth.authenticate(tokens.refresh_token.expose()).await.unwrap_err().status(), 401);
}

#[tokio::test]
async fn a_disabled_user_renews_nothing() {
    let world = World::new();
    let tokens = world.login().await;
    world.users.change(world.ann, |ann| ann.active = false);
    assert_eq!(world.auth.refresh(&tokens.refresh_token).await.unwrap_err().status(), 401);
}
