//! Stores, replaced by some that count what is asked of those that they wrap.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_auth::{
    MemorySessionStore, NewSession, PasswordHash, RefreshToken, Rotate, Rotation, Session, SessionStore,
};
use palisade_core::{Result, SessionId, UserId};
use palisade_events::UnitOfWork;
use palisade_idempotency::{
    Claim, Claimed, IdempotencyStore, MemoryIdempotencyStore, Owner, Slot, StoredResponse,
};
use palisade_server::Failure;
use palisade_testkit::TestApp;
use palisade_users::{
    Account, Listing, Login, MemoryUserStore, Replacing, Result as UsersResult, User, UserStore,
};

use crate::notes;

/// Counts sign-ups.
struct CountedUsers(MemoryUserStore, Arc<AtomicU64>);

#[async_trait]
impl UserStore for CountedUsers {
    async fn find(&self, id: UserId) -> UsersResult<Option<Account>> {
        self.0.find(id).await
    }
    async fn find_by_login(&self, login: &Login) -> UsersResult<Option<Account>> {
        self.0.find_by_login(login).await
    }
    async fn list(&self, listing: &Listing) -> UsersResult<Vec<User>> {
        self.0.list(listing).await
    }
    async fn has_admin(&self) -> UsersResult<bool> {
        self.0.has_admin().await
    }
    async fn lock(&self, unit: &mut UnitOfWork, ids: &[UserId]) -> UsersResult<Vec<User>> {
        self.0.lock(unit, ids).await
    }
    async fn has_other_admin(&self, unit: &mut UnitOfWork, than: Option<UserId>) -> UsersResult<bool> {
        self.0.has_other_admin(unit, than).await
    }
    async fn insert(&self, unit: &mut UnitOfWork, account: &Account) -> UsersResult<()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.insert(unit, account).await
    }
    async fn update(&self, unit: &mut UnitOfWork, before: &User, after: &User) -> UsersResult<()> {
        self.0.update(unit, before, after).await
    }
    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        id: UserId,
        old: Replacing<'_>,
        new: &PasswordHash,
    ) -> UsersResult<bool> {
        self.0.set_password_hash(unit, id, old, new).await
    }
    async fn delete(&self, unit: &mut UnitOfWork, id: UserId) -> UsersResult<()> {
        self.0.delete(unit, id).await
    }
}

/// Counts sign-ins.
struct CountedSessions(MemorySessionStore, Arc<AtomicU64>);

#[async_trait]
impl SessionStore for CountedSessions {
    async fn now(&self) -> Result<Option<DateTime<Utc>>> {
        self.0.now().await
    }
    async fn open(&self, new: NewSession) -> Result<()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.open(new).await
    }
    async fn rotate(&self, token: &RefreshToken, rotate: Rotate) -> Result<Rotation> {
        self.0.rotate(token, rotate).await
    }
    async fn find(&self, id: SessionId) -> Result<Option<Session>> {
        self.0.find(id).await
    }
    async fn list(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        self.0.list(user, now).await
    }
    async fn revoke(&self, user: UserId, id: SessionId, now: DateTime<Utc>) -> Result<bool> {
        self.0.revoke(user, id, now).await
    }
    async fn revoke_all(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        but: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        self.0.revoke_all(unit, user, but, now).await
    }
    async fn count_live(&self, now: DateTime<Utc>) -> Result<u64> {
        self.0.count_live(now).await
    }
    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        self.0.purge_expired(now).await
    }
}

#[tokio::test]
async fn the_stores_of_users_and_sessions() {
    let (sign_ups, sign_ins) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (users, sessions) = (Arc::clone(&sign_ups), Arc::clone(&sign_ins));
    let server = notes::server()
        .replace(move |_| {
            let store = CountedUsers(MemoryUserStore::default(), Arc::clone(&users));
            ready(Ok::<Arc<dyn UserStore>, Failure>(Arc::new(store)))
        })
        .replace(move |_| {
            let store = CountedSessions(MemorySessionStore::default(), Arc::clone(&sessions));
            ready(Ok::<Arc<dyn SessionStore>, Failure>(Arc::new(store)))
        });
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    app.post("/api/v1/auth/logout").token(&ann.access_token).await.expect(204);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(401);
    assert_eq!((sign_ups.load(Ordering::SeqCst), sign_ins.load(Ordering::SeqCst)), (1, 1));
}

/// Counts the answers that it keeps.
#[derive(Debug)]
struct CountedAnswers(MemoryIdempotencyStore, Arc<AtomicU64>);

#[async_trait]
impl IdempotencyStore for CountedAnswers {
    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        self.0.claim(claim).await
    }
    async fn complete(
        &self,
        slot: Slot,
        owner: Owner,
        answer: &StoredResponse,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.complete(slot, owner, answer, until).await
    }
    async fn release(&self, slot: Slot, owner: Owner) -> Result<bool> {
        self.0.release(slot, owner).await
    }
    async fn forget(&self, user: UserId) -> Result<()> {
        self.0.forget(user).await
    }
    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        self.0.purge_expired(now).await
    }
}

#[tokio::test]
async fn the_store_of_kept_answers() {
    let kept = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&kept);
    let server = notes::server().idempotency_store(move |_| {
        CountedAnswers(MemoryIdempotencyStore::new(1 << 20), Arc::clone(&counted))
    });
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    for replayed in ["", "true"] {
        let write = app.post("/api/v1/notes").token(&ann.access_token).header("idempotency-key", "k");
        let written = write.body("text/plain", "milk").await.expect(201);
        assert_eq!(written.header("idempotency-replayed"), replayed);
    }
    assert_eq!(kept.load(Ordering::SeqCst), 1);
}
