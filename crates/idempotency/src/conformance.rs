//! The suite each [`IdempotencyStore`] must pass. Run it on an empty store:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use palisade_idempotency::{MemoryIdempotencyStore, conformance};
//!
//! conformance::idempotency_store(Arc::new(MemoryIdempotencyStore::new(1 << 20))).await;
//! # });
//! ```
#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite fails by panicking")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use palisade_core::{Clock, Ids, ManualClock, SystemRandom};
use tokio::task::JoinSet;

use crate::{
    Caller, Claim, Claimed, Fingerprint, FingerprintKey, IdempotencyStore, Owner, Record, Rights, Slot,
    StoredResponse,
};

/// How long a claim lasts here, and how long an answer.
const LEASE: TimeDelta = TimeDelta::seconds(30);
const TTL: TimeDelta = TimeDelta::hours(1);

/// Holds every claim of the suite against the store.
///
/// # Panics
/// At the first claim that does not hold.
pub async fn idempotency_store(store: Arc<dyn IdempotencyStore>) {
    let suite = Suite::new(store);
    suite.a_slot_is_taken_once_until_it_is_freed().await;
    suite.of_fifty_who_claim_a_slot_one_gets_it().await;
    suite.of_fifty_who_claim_an_abandoned_slot_one_gets_it().await;
    suite.an_answer_comes_back_byte_for_byte().await;
    suite.an_answer_is_final().await;
    suite.a_lease_ends_and_its_owner_has_no_say_any_more().await;
    suite.an_answer_is_given_until_its_time_is_over().await;
    suite.slots_know_nothing_of_each_other().await;
    suite.what_concerns_a_user_is_forgotten_and_nothing_else().await;
    suite.a_purge_removes_what_is_over_and_keeps_the_rest().await;
}

struct Suite {
    store: Arc<dyn IdempotencyStore>,
    fingerprints: FingerprintKey,
    ids: Ids,
    start: DateTime<Utc>,
    made: AtomicU32,
}

impl Suite {
    fn new(store: Arc<dyn IdempotencyStore>) -> Self {
        let fingerprints = FingerprintKey::generate(&SystemRandom);
        let clock = Arc::new(ManualClock::default());
        let start = clock.now();
        let ids = Ids::new(clock, Arc::new(SystemRandom));
        Self { store, fingerprints, ids, start, made: AtomicU32::new(0) }
    }

    fn at(&self, seconds: i64) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(seconds)
    }

    /// A slot that no claim has seen.
    fn slot(&self) -> Slot {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let key = format!("key-{number}").parse().unwrap();
        Slot::new(&Caller::Client([192, 0, 2, 1].into()), "POST", "/", &key)
    }

    fn fingerprint(&self, body: &str) -> Fingerprint {
        self.fingerprints.fingerprint(&[body.as_bytes()])
    }

    fn a_claim(&self, slot: Slot, now: DateTime<Utc>) -> Claim {
        let owner = Owner::generate(&SystemRandom);
        let fingerprint = self.fingerprint("body");
        Claim { slot, fingerprint, owner, user: None, rights: rights(), now, until: now + LEASE }
    }

    /// Claims a free slot.
    async fn take(&self, slot: Slot, now: DateTime<Utc>) -> Owner {
        let claim = self.a_claim(slot, now);
        assert_eq!(self.store.claim(&claim).await.unwrap(), Claimed::Ours);
        claim.owner
    }

    /// What someone who claims the slot at that time finds in it.
    async fn found(&self, slot: Slot, now: DateTime<Utc>) -> Record {
        match self.store.claim(&self.a_claim(slot, now)).await.unwrap() {
            Claimed::Taken(record) => record,
            Claimed::Ours => panic!("the slot was not free"),
        }
    }

    async fn answered(&self, slot: Slot, owner: Owner, answer: &StoredResponse) -> bool {
        self.store.complete(slot, owner, answer, self.start + TTL).await.unwrap()
    }

    async fn a_slot_is_taken_once_until_it_is_freed(&self) {
        let slot = self.slot();
        let owner = self.take(slot, self.start).await;
        let record = self.found(slot, self.at(1)).await;
        assert_eq!(record, Record { fingerprint: self.fingerprint("body"), rights: rights(), answer: None });
        assert!(!self.store.release(slot, Owner::generate(&SystemRandom)).await.unwrap(), "someone else");
        self.found(slot, self.at(2)).await;
        assert!(self.store.release(slot, owner).await.unwrap());
        assert!(!self.store.release(slot, owner).await.unwrap(), "it is free already");
        self.take(slot, self.at(3)).await;
    }

    async fn winners(&self, slot: Slot, now: DateTime<Utc>) -> usize {
        let mut claims = JoinSet::new();
        for _ in 0..50 {
            let (store, claim) = (Arc::clone(&self.store), self.a_claim(slot, now));
            claims.spawn(async move { store.claim(&claim).await.unwrap() == Claimed::Ours });
        }
        claims.join_all().await.into_iter().filter(|won| *won).count()
    }

    async fn of_fifty_who_claim_a_slot_one_gets_it(&self) {
        assert_eq!(self.winners(self.slot(), self.start).await, 1);
    }

    async fn of_fifty_who_claim_an_abandoned_slot_one_gets_it(&self) {
        let slot = self.slot();
        self.take(slot, self.start).await;
        assert_eq!(self.winners(slot, self.start + LEASE).await, 1);
    }

    async fn an_answer_comes_back_byte_for_byte(&self) {
        for answer in [
            an_answer(),
            StoredResponse { status: 204, headers: Vec::new(), body: Bytes::new(), about: None },
            StoredResponse {
                status: 599,
                headers: vec![
                    ("x-twice".to_owned(), b"a: b, c".to_vec()),
                    ("x-twice".to_owned(), b"\xe9\xff".to_vec()),
                    ("x-empty".to_owned(), Vec::new()),
                ],
                body: (0..=u8::MAX).cycle().take(300_000).collect(),
                about: Some(self.ids.id()),
            },
        ] {
            let slot = self.slot();
            let owner = self.take(slot, self.start).await;
            assert!(self.answered(slot, owner, &answer).await);
            let record = self.found(slot, self.at(1)).await;
            let fingerprint = self.fingerprint("body");
            assert_eq!(record, Record { fingerprint, rights: rights(), answer: Some(answer) });
        }
    }

    async fn an_answer_is_final(&self) {
        let slot = self.slot();
        let owner = self.take(slot, self.start).await;
        assert!(!self.answered(slot, Owner::generate(&SystemRandom), &an_answer()).await, "someone else");
        assert!(self.answered(slot, owner, &an_answer()).await);
        let other = StoredResponse { status: 500, ..an_answer() };
        assert!(!self.answered(slot, owner, &other).await);
        assert!(!self.store.release(slot, owner).await.unwrap());
        assert_eq!(self.found(slot, self.at(1)).await.answer, Some(an_answer()));
    }

    async fn a_lease_ends_and_its_owner_has_no_say_any_more(&self) {
        let slot = self.slot();
        let late = self.take(slot, self.start).await;
        self.found(slot, self.start + LEASE - TimeDelta::microseconds(1)).await;
        let successor = self.take(slot, self.start + LEASE).await;
        assert!(!self.answered(slot, late, &an_answer()).await);
        assert!(!self.store.release(slot, late).await.unwrap());
        assert!(self.answered(slot, successor, &an_answer()).await);
        assert_eq!(self.found(slot, self.at(31)).await.answer, Some(an_answer()));
    }

    async fn an_answer_is_given_until_its_time_is_over(&self) {
        let slot = self.slot();
        let owner = self.take(slot, self.start).await;
        assert!(self.answered(slot, owner, &an_answer()).await);
        let last = self.start + TTL - TimeDelta::microseconds(1);
        assert_eq!(self.found(slot, last).await.answer, Some(an_answer()));
        self.take(slot, self.start + TTL).await;
        assert_eq!(
            self.found(slot, self.start + TTL).await.answer,
            None,
            "nothing is left of the old answer"
        );
    }

    async fn slots_know_nothing_of_each_other(&self) {
        let (one, other) = (self.slot(), self.slot());
        let owner = self.take(one, self.start).await;
        self.take(other, self.start).await;
        assert!(!self.store.release(other, owner).await.unwrap());
        assert!(self.answered(one, owner, &an_answer()).await);
        assert_eq!(self.found(other, self.at(1)).await.answer, None);
    }

    async fn what_concerns_a_user_is_forgotten_and_nothing_else(&self) {
        let (gone, other) = (self.ids.id(), self.ids.id());
        let mut slots = Vec::new();
        for user in [gone, other] {
            let by_user = Claim { user: Some(user), ..self.a_claim(self.slot(), self.start) };
            assert_eq!(self.store.claim(&by_user).await.unwrap(), Claimed::Ours);
            assert!(self.answered(by_user.slot, by_user.owner, &an_answer()).await);
            let about_user = self.slot();
            let owner = self.take(about_user, self.start).await;
            assert!(
                self.answered(about_user, owner, &StoredResponse { about: Some(user), ..an_answer() }).await
            );
            slots.push([by_user.slot, about_user]);
        }
        self.store.forget(gone).await.unwrap();
        self.store.forget(gone).await.unwrap();
        for slot in slots.remove(0) {
            self.take(slot, self.at(1)).await;
        }
        for slot in slots.remove(0) {
            assert!(self.found(slot, self.at(1)).await.answer.is_some());
        }
    }

    async fn a_purge_removes_what_is_over_and_keeps_the_rest(&self) {
        let (answered, leased, ended) = (self.slot(), self.slot(), self.slot());
        let owner = self.take(answered, self.start).await;
        assert!(self.answered(answered, owner, &an_answer()).await);
        self.take(leased, self.at(10)).await;
        let late = self.take(ended, self.at(-31)).await;
        let mut purged = 0;
        loop {
            match self.store.purge_expired(self.at(10)).await.unwrap() {
                0 => break,
                some => purged += some,
            }
        }
        assert!(purged >= 1);
        assert!(!self.store.release(ended, late).await.unwrap(), "it is gone");
        assert_eq!(self.found(answered, self.at(11)).await.answer, Some(an_answer()));
        assert_eq!(self.found(leased, self.at(11)).await.answer, None);
    }
}

fn an_answer() -> StoredResponse {
    StoredResponse {
        status: 201,
        headers: vec![
            ("content-type".to_owned(), b"application/json".to_vec()),
            ("location".to_owned(), "/users/1".into()),
        ],
        body: Bytes::from_static(b"{\"id\": 1}"),
        about: None,
    }
}

fn rights() -> Rights {
    Rights::from_text("tasks:*\nusers:read")
}
