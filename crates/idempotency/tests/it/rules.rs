//! Who goes ahead, who gets the first answer, who is refused.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use palisade_core::{Ids, ManualClock, Principal, Secret, Subject, SystemRandom};
use palisade_idempotency::{
    Begun, Caller, Error, FingerprintKey, Idempotency, IdempotencyParts, IdempotencyStore,
    MemoryIdempotencyStore, Request, Result, StoredResponse, Ticket,
};
use palisade_telemetry::metrics::Off;

struct World {
    clock: Arc<ManualClock>,
    idempotency: Idempotency,
}

impl World {
    fn new() -> Self {
        Self::on(Arc::new(MemoryIdempotencyStore::new(1 << 20)))
    }

    fn on(store: Arc<dyn IdempotencyStore>) -> Self {
        Self::with(store, "secret")
    }

    fn with(store: Arc<dyn IdempotencyStore>, secret: &str) -> Self {
        let clock = Arc::new(ManualClock::default());
        let idempotency = Idempotency::new(IdempotencyParts {
            store,
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            fingerprints: FingerprintKey::derive(&Secret::new(secret)),
            ttl: Duration::from_secs(3_600),
            lease: Duration::from_secs(30),
            telemetry: Off::shared(),
        });
        Self { clock, idempotency }
    }

    async fn send(&self, key: &str, body: &str) -> Result<Begun> {
        self.send_as(Caller::Client([192, 0, 2, 1].into()), key, body).await
    }

    async fn send_as(&self, caller: Caller, key: &str, body: &str) -> Result<Begun> {
        let key = key.parse()?;
        let content: &[&[u8]] = &[body.as_bytes()];
        let request = Request { caller, principal: None, method: "POST", path: "/", key: &key, content };
        self.idempotency.begin(&request).await
    }

    /// The same request each time.
    async fn send_by(&self, principal: &Principal) -> Result<Begun> {
        let (caller, key) = (Caller::User(principal.user_id().unwrap()), "k".parse()?);
        let content: &[&[u8]] = &[b"body"];
        let principal = Some(principal);
        self.idempotency
            .begin(&Request { caller, principal, method: "POST", path: "/", key: &key, content })
            .await
    }

    async fn first(&self, key: &str, body: &str) -> Ticket {
        match self.send(key, body).await {
            Ok(Begun::First(ticket)) => ticket,
            other => panic!("the key is free and gave {other:?}"),
        }
    }
}

fn answer() -> StoredResponse {
    StoredResponse { status: 201, headers: Vec::new(), body: Bytes::from_static(b"made"), about: None }
}

#[tokio::test]
async fn the_first_answer_is_given_again_until_its_time_is_over() {
    let world = World::new();
    world.first("k", "body").await.keep(&answer()).await;
    world.clock.advance(Duration::from_secs(3_599));
    assert!(matches!(world.send("k", "body").await, Ok(Begun::Again(again)) if again == answer()));
    world.clock.advance(Duration::from_secs(1));
    world.first("k", "body").await.free().await;
}

#[tokio::test]
async fn a_twin_waits_and_another_request_is_refused() {
    let world = World::new();
    let ticket = world.first("k", "body").await;
    assert!(matches!(world.send("k", "body").await, Err(Error::InProgress)));
    assert!(matches!(world.send("k", "other").await, Err(Error::KeyReused)));
    ticket.keep(&answer()).await;
    assert!(matches!(world.send("k", "other").await, Err(Error::KeyReused)));
    world.first("l", "other").await.free().await;
}

#[tokio::test]
async fn another_caller_has_the_key_for_itself() {
    let world = World::new();
    world.first("k", "body").await.keep(&answer()).await;
    let elsewhere = Caller::Client([192, 0, 2, 2].into());
    assert!(matches!(world.send_as(elsewhere, "k", "body").await, Ok(Begun::First(_))));
}

#[tokio::test]
async fn an_answer_is_given_again_to_nobody_who_has_lost_the_rights_it_took() {
    let world = World::new();
    let ids = Ids::new(world.clock.clone(), Arc::new(SystemRandom));
    let (user_id, session_id) = (ids.id(), Some(ids.id()));
    let subject = Subject::User(user_id);
    let with = |permissions: &[&str]| {
        let permissions = permissions.iter().map(|permission| (*permission).to_owned()).collect();
        Principal {
            subject: subject.clone(),
            session_id,
            roles: Arc::default(),
            permissions: Arc::new(permissions),
        }
    };
    let Ok(Begun::First(ticket)) = world.send_by(&with(&["users:write"])).await else {
        panic!("the key is free")
    };
    ticket.keep(&answer()).await;
    for has in [&["users:write"][..], &["*"], &["users:*", "tasks:read"]] {
        assert!(matches!(world.send_by(&with(has)).await, Ok(Begun::Again(_))), "{has:?}");
    }
    for has in [&[][..], &["users:read"]] {
        assert!(matches!(world.send_by(&with(has)).await, Err(Error::RightsLost)), "{has:?}");
    }
    world.idempotency.forget_user(user_id).await.unwrap();
    assert!(
        matches!(world.send_by(&with(&[])).await, Ok(Begun::First(_))),
        "nothing is left of a deleted user"
    );
}

#[tokio::test]
async fn after_a_change_of_the_secret_nobody_is_told_to_take_a_new_key() {
    let store = Arc::new(MemoryIdempotencyStore::new(1 << 20));
    let (before, after) = (World::with(store.clone(), "secret"), World::with(store, "another secret"));
    let ticket = before.first("k", "body").await;
    assert!(matches!(after.send("k", "body").await, Err(Error::InProgress)));
    ticket.keep(&answer()).await;
    assert!(matches!(after.send("k", "body").await, Ok(Begun::Again(again)) if again == answer()));
}

#[tokio::test]
async fn a_dropped_ticket_frees_its_key() {
    let world = World::new();
    drop(world.first("k", "body").await);
    world.first("k", "another body").await.keep(&answer()).await;
    assert!(matches!(world.send("k", "another body").await, Ok(Begun::Again(_))));
}

#[tokio::test]
async fn many_dropped_tickets_are_freed_by_and_by() {
    let world = World::new();
    for number in 0..100 {
        drop(world.first(&format!("k{number}"), "body").await);
    }
    for number in 0..100 {
        world.first(&format!("k{number}"), "body").await.keep(&answer()).await;
    }
}

#[tokio::test]
async fn a_process_that_dies_blocks_its_key_no_longer_than_the_lease() {
    let store = Arc::new(MemoryIdempotencyStore::new(1 << 20));
    let (dying, living) = (World::on(store.clone()), World::on(store));
    std::mem::forget(dying.first("k", "body").await);
    assert!(matches!(living.send("k", "body").await, Err(Error::InProgress)));
    living.clock.advance(Duration::from_secs(31));
    living.first("k", "body").await.keep(&answer()).await;
}

#[tokio::test]
async fn one_whose_lease_ended_leaves_its_successor_alone() {
    let world = World::new();
    let late = world.first("k", "body").await;
    world.clock.advance(Duration::from_secs(30));
    let successor = world.first("k", "body").await;
    late.keep(&StoredResponse { status: 500, ..answer() }).await;
    assert!(matches!(world.send("k", "body").await, Err(Error::InProgress)));
    successor.keep(&answer()).await;
    assert!(matches!(world.send("k", "body").await, Ok(Begun::Again(again)) if again == answer()));
}

#[tokio::test]
async fn what_is_over_is_removed_by_those_who_come_after() {
    let store = Arc::new(MemoryIdempotencyStore::new(1 << 20));
    let world = World::on(store.clone());
    for number in 0..300 {
        world.first(&format!("old{number}"), "body").await.keep(&answer()).await;
    }
    world.clock.advance(Duration::from_secs(3_600));
    for number in 0..128 {
        world.first(&format!("new{number}"), "body").await.keep(&answer()).await;
    }
    let now = palisade_core::Clock::now(&*world.clock);
    assert_eq!(store.purge_expired(now).await.unwrap(), 0);
}
