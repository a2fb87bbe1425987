//! Changing one's password.

use palisade_auth::PasswordChanged;
use palisade_core::Secret;

use crate::world::{NEW_PASSWORD, PASSWORD, World};

/// The first broken rule, as field and code.
async fn refusal(world: &World, current: &str, new: &str) -> (String, String) {
    let tokens = world.login().await;
    let caller = world.auth.authenticate(tokens.access_token.expose()).await.unwrap();
    let error =
        world.auth.change_password(&caller, Secret::new(current), Secret::new(new)).await.unwrap_err();
    assert_eq!(error.status(), 422);
    let field = &error.fields()[0];
    (field.field.clone(), field.code.to_string())
}

#[tokio::test]
async fn the_new_password_replaces_the_old_and_ends_other_sessions() {
    let world = World::new();
    let (other, mine) = (world.login().await, world.login().await);
    assert_eq!(world.refusal(&other).await, None);
    let caller = world.auth.authenticate(mine.access_token.expose()).await.unwrap();
    world.auth.change_password(&caller, Secret::new(PASSWORD), Secret::new(NEW_PASSWORD)).await.unwrap();

    assert_eq!(world.refusal(&mine).await, None, "the session that asked goes on");
    assert_eq!(world.refusal(&other).await, Some(401));
    assert!(world.auth.refresh(&other.refresh_token).await.is_err());
    assert_eq!(world.try_login("ann", PASSWORD).await.unwrap_err().status(), 401);
    world.try_login("ann", NEW_PASSWORD).await.unwrap();
}

/// The transaction of a change does not see a session that is opened meanwhile, so the subscriber has to end it.
#[tokio::test]
async fn the_event_of_a_change_ends_sessions_that_its_transaction_missed() {
    let world = World::new();
    let (late, mine) = (world.login().await, world.login().await);
    let caller = world.auth.authenticate(mine.access_token.expose()).await.unwrap();
    let changed = PasswordChanged { user_id: world.ann, session_id: caller.session_id };
    let mut unit = world.units.begin();
    unit.record(&changed).await.unwrap();
    assert_eq!(world.refusal(&late).await, None);
    unit.commit().await.unwrap();
    assert_eq!(world.refusal(&late).await, Some(401));
    assert_eq!(world.refusal(&mine).await, None, "the session that asked goes on");
}

#[tokio::test]
async fn a_wrong_current_password_or_a_bad_new_one_changes_nothing() {
    let world = World::new();
    let at = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(refusal(&world, "wrong", NEW_PASSWORD).await, at("/current_password", "incorrect"));
    assert_eq!(refusal(&world, PASSWORD, "short").await, at("/new_password", "too_short"));
    assert_eq!(refusal(&world, PASSWORD, "password1").await, at("/new_password", "too_weak"));
    assert_eq!(refusal(&world, PASSWORD, "ann@example.org").await, at("/new_password", "contains_personal"));
    assert_eq!(refusal(&world, PASSWORD, PASSWORD).await, at("/new_password", "unchanged"));
    world.users.change(world.ann, |ann| ann.name = Some("Annabella Quartermaine".to_owned()));
    let own_name = "Annabella Quartermaine";
    assert_eq!(refusal(&world, PASSWORD, own_name).await, at("/new_password", "contains_personal"));
    world.login().await;
}
