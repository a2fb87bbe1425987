//! Signing in.

use std::sync::{Arc, atomic::Ordering};

use palisade_auth::{Argon2Hasher, Hasher, Passwords, Settings};
use palisade_core::{Secret, SystemRandom};
use palisade_telemetry::metrics::Off;

use crate::world::{NEW_PASSWORD, PASSWORD, World, identity, poll_once};

#[tokio::test]
async fn signs_in_by_username_and_by_email() {
    let world = World::new();
    for login in ["ann", "ann@example.org"] {
        let tokens = world.try_login(login, PASSWORD).await.unwrap();
        let caller = world.auth.authenticate(tokens.access_token.expose()).await.unwrap();
        assert_eq!(caller.user_id().unwrap(), world.ann);
        assert!(caller.has_role("user") && caller.permissions.is_empty());
        assert_eq!(tokens.expires_in.as_secs(), 900);
    }
    assert_eq!(world.auth.sessions(world.ann).await.unwrap().len(), 2);
}

#[tokio::test]
async fn blanks_around_a_name_do_not_count_and_around_a_password_they_do() {
    let world = World::new();
    for login in [" ann", "ann ", "\tann@example.org\u{a0}\n"] {
        world.try_login(login, PASSWORD).await.unwrap();
    }
    for password in [format!("{PASSWORD} "), format!(" {PASSWORD}")] {
        assert_eq!(world.try_login("ann", &password).await.unwrap_err().status(), 401);
    }
}

/// One word as two systems send it (NIST SP 800-63B-4 §3.1.1.2).
#[tokio::test]
async fn a_password_is_the_same_in_each_form_of_its_letters() {
    let world = World::new();
    let passwords = Passwords::start(&Settings::default(), world.hasher.clone(), &Off::shared()).unwrap();
    let (composed, decomposed) = ("gr\u{fc}ne Kr\u{f6}te im Moor", "gru\u{308}ne Kro\u{308}te im Moor");
    for (set, others) in [(composed, decomposed), (decomposed, composed)] {
        let hash = passwords.set(Secret::new(set), &[]).await.unwrap();
        world.users.change(world.ann, |ann| ann.password_hash = Some(hash));
        for shown in [set, others] {
            world.try_login("ann", shown).await.unwrap();
        }
        assert!(world.try_login("ann", "grune Krote im Moor").await.is_err());
    }
    // As it was hashed before passwords were normalised.
    let typed = world.hasher.argon2.hash(decomposed).unwrap();
    world.users.change(world.ann, |ann| ann.password_hash = Some(typed));
    world.try_login("ann", decomposed).await.unwrap();
}

/// One verification in each case, at the same cost (the hasher of the test checks that): what takes the time
/// is the same whether the account is unknown, disabled, has no password, or the password is wrong.
#[tokio::test]
async fn each_refusal_is_the_same_answer_after_the_same_work() {
    let world = World::new();
    let ids = palisade_core::Ids::new(world.clock.clone(), Arc::new(SystemRandom));
    let add = |name: &str, active: bool, with_password: bool| {
        let mut row = identity(ids.id(), name, world.hasher.argon2.hash(PASSWORD).unwrap());
        row.active = active;
        row.password_hash = row.password_hash.filter(|_| with_password);
        world.users.insert(row);
    };
    add("disabled", false, true);
    add("passwordless", true, false);

    let mut answers = Vec::new();
    for (login, password) in [
        ("nobody", PASSWORD),
        ("disabled", PASSWORD),
        ("disabled", "wrong"),
        ("passwordless", PASSWORD),
        ("ann", "wrong"),
        ("ann", ""),
        ("", ""),
    ] {
        let error = world.try_login(login, password).await.unwrap_err();
        assert_eq!(world.hasher.taken(), 1, "{login}");
        let headers: Vec<_> = error.headers().map(|(name, value)| format!("{name}: {value}")).collect();
        answers.push((
            error.status(),
            error.message().to_owned(),
            error.reason().map(str::to_owned),
            headers,
        ));
    }
    assert_eq!(answers[0].0, 401);
    assert_eq!(answers[0].2.as_deref(), Some("auth.invalid_credentials"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn an_endless_password_is_refused_alike_and_never_hashed() {
    let world = World::new();
    for login in ["ann", "nobody"] {
        let error = world.try_login(login, &"x".repeat(1_000_000)).await.unwrap_err();
        assert_eq!(error.reason(), Some("auth.invalid_credentials"));
    }
    let error = world.try_login(&"x".repeat(1_000_000), PASSWORD).await.unwrap_err();
    assert_eq!(error.reason(), Some("auth.invalid_credentials"));
    assert_eq!(world.hasher.taken(), 0);
}

#[tokio::test]
async fn signing_in_renews_a_hash_of_another_cost() {
    let world = World::new();
    let older = Argon2Hasher::with_cost(16, 1, Arc::new(SystemRandom)).unwrap();
    let hash = older.hash(PASSWORD).unwrap();
    world.users.change(world.ann, |ann| ann.password_hash = Some(hash.clone()));

    world.try_login("ann", "wrong").await.unwrap_err();
    assert_eq!(world.users.hash_of(world.ann), hash, "a wrong password renews nothing");
    world.login().await;
    let renewed = world.users.hash_of(world.ann);
    assert!(!world.hasher.needs_rehash(&renewed));
    world.login().await;
    assert_eq!(world.users.hash_of(world.ann), renewed, "once is enough");
}

/// The verification takes its time; whoever ends the sessions meanwhile cannot see the one that is to be.
#[tokio::test]
async fn a_sign_in_that_was_overtaken_opens_no_session() {
    for overtaking in
        [(|world| world.users.change(world.ann, |ann| ann.active = false)) as fn(&World), |world| {
            let hash = world.hasher.argon2.hash(NEW_PASSWORD).unwrap();
            world.users.change(world.ann, |ann| ann.password_hash = Some(hash));
        }]
    {
        let world = World::new();
        world.hasher.computing.store(true, Ordering::SeqCst);
        let mut login = Box::pin(world.try_login("ann", PASSWORD));
        assert!(poll_once(&mut login).await.is_none());
        overtaking(&world);
        world.hasher.computing.store(false, Ordering::SeqCst);
        let error = login.await.unwrap_err();
        assert_eq!(error.reason(), Some("auth.invalid_credentials"));
        assert!(world.auth.sessions(world.ann).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_hash_renewed_by_another_sign_in_is_no_reason_to_refuse() {
    let world = World::new();
    world.hasher.computing.store(true, Ordering::SeqCst);
    let mut login = Box::pin(world.try_login("ann", PASSWORD));
    assert!(poll_once(&mut login).await.is_none());
    let renewed = world.hasher.argon2.hash(PASSWORD).unwrap();
    world.users.change(world.ann, |ann| ann.password_hash = Some(renewed));
    world.hasher.computing.store(false, Ordering::SeqCst);
    login.await.unwrap();
}

#[tokio::test]
async fn a_lost_database_is_503_and_not_401() {
    let world = World::new();
    let tokens = world.login().await;
    world.users.lost.store(true, Ordering::SeqCst);
    assert_eq!(world.try_login("ann", PASSWORD).await.unwrap_err().status(), 503);
    assert_eq!(world.refusal(&tokens).await, Some(503));
}

#[tokio::test]
async fn beyond_the_queue_signing_in_is_503_with_retry_after() {
    let world = World::with(Settings { hash_queue_limit: 2, ..Settings::default() });
    world.hasher.computing.store(true, Ordering::SeqCst);
    let threads = std::thread::available_parallelism().unwrap().get();
    let mut waiting: Vec<_> = (0..threads + 2).map(|_| Box::pin(world.try_login("ann", PASSWORD))).collect();
    for (index, login) in waiting.iter_mut().enumerate() {
        assert!(poll_once(login).await.is_none());
        while world.hasher.verified.load(Ordering::SeqCst) < threads.min(index + 1) {
            std::thread::yield_now();
        }
    }
    let error = world.try_login("ann", PASSWORD).await.unwrap_err();
    assert_eq!((error.status(), error.reason()), (503, Some("auth.busy")));
    assert!(error.headers().any(|(name, _)| name == "retry-after"));
    world.hasher.computing.store(false, Ordering::SeqCst);
    for login in waiting {
        login.await.unwrap();
    }
}
