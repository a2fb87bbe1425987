//! The bound of the memory store.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use palisade_core::{Clock, ManualClock, SystemRandom};
use palisade_idempotency::{
    Caller, Claim, Claimed, FingerprintKey, IdempotencyStore, MemoryIdempotencyStore, Owner, Rights, Slot,
    StoredResponse,
};

fn claim(number: usize, now: DateTime<Utc>) -> Claim {
    let key = format!("key-{number}").parse().unwrap();
    Claim {
        slot: Slot::new(&Caller::Client([192, 0, 2, 1].into()), "POST", "/", &key),
        fingerprint: FingerprintKey::derive(&"secret".to_owned().into()).fingerprint(&[]),
        owner: Owner::generate(&SystemRandom),
        user: None,
        rights: Rights::default(),
        now,
        until: now + TimeDelta::seconds(30),
    }
}

fn answer() -> StoredResponse {
    StoredResponse { status: 200, headers: Vec::new(), body: Bytes::from(vec![0; 1_000]), about: None }
}

#[tokio::test]
async fn when_it_is_full_the_oldest_answers_go_and_the_latest_stay() {
    let store = MemoryIdempotencyStore::new(20_000);
    let start = ManualClock::default().now();
    for number in 0..100 {
        let now = start + TimeDelta::seconds(i64::try_from(number).unwrap());
        let claim = claim(number, now);
        assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Ours);
        assert!(store.complete(claim.slot, claim.owner, &answer(), now + TimeDelta::hours(1)).await.unwrap());
    }
    let now = start + TimeDelta::seconds(100);
    assert!(matches!(store.claim(&claim(99, now)).await.unwrap(), Claimed::Taken(_)));
    assert_eq!(store.claim(&claim(0, now)).await.unwrap(), Claimed::Ours, "the oldest is forgotten");
}

#[tokio::test]
async fn requests_in_progress_are_never_forgotten_for_others() {
    let store = MemoryIdempotencyStore::new(2_000);
    let start = ManualClock::default().now();
    let mut taken = 0;
    let refused = loop {
        match store.claim(&claim(taken, start)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((taken, refused.status()), (7, 503));
    for number in 0..taken {
        assert!(matches!(store.claim(&claim(number, start)).await.unwrap(), Claimed::Taken(_)));
    }
    let later = start + TimeDelta::seconds(30);
    assert_eq!(store.purge_expired(later).await.unwrap(), 7);
    assert_eq!(store.claim(&claim(8, later)).await.unwrap(), Claimed::Ours);
}
