//! The suite each [`SessionStore`] must pass. Run it on an empty store:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use palisade_auth::{MemorySessionStore, conformance};
//!
//! conformance::session_store(Arc::new(MemorySessionStore::default())).await;
//! # });
//! ```
#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite fails by panicking")]

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use palisade_core::{Clock, Ids, ManualClock, SystemRandom, UserId};
use palisade_events::Units;
use tokio::task::JoinSet;

use crate::{ClientInfo, FamilyKey, NewSession, RefreshToken, Rotate, Rotation, Session, SessionStore};

const TTL: TimeDelta = TimeDelta::hours(1);
const GRACE: Duration = Duration::from_secs(10);

/// Holds every claim of the suite against the store.
///
/// # Panics
/// At the first claim that does not hold.
pub async fn session_store(store: Arc<dyn SessionStore>) {
    let suite = Suite::new(store);
    suite.a_session_is_found_as_it_was_opened().await;
    suite.a_token_gives_its_child_and_prolongs_the_session().await;
    suite.twenty_parallel_uses_give_one_child().await;
    suite.a_lost_answer_is_given_again_within_the_grace().await;
    suite.late_reuse_revokes_the_session().await;
    suite.a_use_in_the_future_is_as_far_away_as_one_in_the_past().await;
    suite.parallel_late_reuse_is_reported_once().await;
    suite.the_shared_clock_runs_forward().await;
    suite.an_unknown_revoked_or_expired_token_is_invalid().await;
    suite.a_list_holds_the_users_live_sessions_latest_first().await;
    suite.only_the_owner_revokes_and_only_once().await;
    suite.revoking_all_spares_one_and_other_users().await;
    suite.a_purge_removes_the_expired_and_keeps_the_live().await;
}

struct Suite {
    store: Arc<dyn SessionStore>,
    ids: Ids,
    start: DateTime<Utc>,
}

impl Suite {
    fn new(store: Arc<dyn SessionStore>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let start = clock.now();
        Self { store, ids: Ids::new(clock, Arc::new(SystemRandom)), start }
    }

    fn at(&self, seconds: i64) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(seconds)
    }

    async fn open(&self, user_id: UserId, now: DateTime<Utc>) -> (Session, RefreshToken) {
        let token = RefreshToken::generate(&SystemRandom);
        let session = Session {
            id: self.ids.id(),
            user_id,
            created_at: now,
            last_used_at: now,
            expires_at: now + TTL,
            revoked_at: None,
            client: ClientInfo::new(Some("Firefox 🦊"), Some([127, 0, 0, 1].into())),
        };
        let family = FamilyKey::generate(&SystemRandom);
        let new = NewSession { session: session.clone(), family, token: token.hash() };
        self.store.open(new).await.unwrap();
        (session, token)
    }

    async fn rotate(&self, token: &RefreshToken, now: DateTime<Utc>) -> Rotation {
        self.store.rotate(token, circumstances(now)).await.unwrap()
    }

    async fn child(&self, token: &RefreshToken, now: DateTime<Utc>) -> RefreshToken {
        match self.rotate(token, now).await {
            Rotation::Rotated { child, .. } => child,
            other => panic!("the token was good and gave {other:?}"),
        }
    }

    async fn a_session_is_found_as_it_was_opened(&self) {
        let (session, _) = self.open(self.ids.id(), self.start).await;
        assert_eq!(self.store.find(session.id).await.unwrap(), Some(session));
        assert_eq!(self.store.find(self.ids.id()).await.unwrap(), None);
        let ipv6 = ClientInfo::new(None, Some("2001:db8::1".parse().unwrap()));
        let (mut session, token) = self.open(self.ids.id(), self.start).await;
        (session.id, session.client) = (self.ids.id(), ipv6);
        let family = FamilyKey::generate(&SystemRandom);
        let token = token.child(&family).hash();
        self.store.open(NewSession { session: session.clone(), family, token }).await.unwrap();
        assert_eq!(self.store.find(session.id).await.unwrap(), Some(session));
    }

    async fn a_token_gives_its_child_and_prolongs_the_session(&self) {
        let (session, token) = self.open(self.ids.id(), self.start).await;
        let now = self.at(600);
        let Rotation::Rotated { user_id, session_id, child } = self.rotate(&token, now).await else {
            panic!("a new token is good")
        };
        assert_eq!((user_id, session_id), (session.user_id, session.id));
        assert!(child != token);
        let found = self.store.find(session.id).await.unwrap().unwrap();
        assert_eq!((found.last_used_at, found.expires_at), (now, now + TTL));
        assert_eq!(found.created_at, session.created_at);
        let grandchild = self.child(&child, self.at(1_200)).await;
        assert!(grandchild != child && grandchild != token);
    }

    async fn twenty_uses_at_once(&self, token: &RefreshToken, now: DateTime<Utc>) -> Vec<Rotation> {
        let mut uses = JoinSet::new();
        for _ in 0..20 {
            let (store, token) = (Arc::clone(&self.store), token.clone());
            uses.spawn(async move { store.rotate(&token, circumstances(now)).await.unwrap() });
        }
        uses.join_all().await
    }

    async fn twenty_parallel_uses_give_one_child(&self) {
        let (_, token) = self.open(self.ids.id(), self.start).await;
        let answers = self.twenty_uses_at_once(&token, self.at(1)).await;
        let first = answers.first().unwrap();
        assert!(matches!(first, Rotation::Rotated { .. }), "{first:?}");
        assert!(answers.iter().all(|answer| answer == first), "{answers:?}");
        let Rotation::Rotated { child, .. } = first else { return };
        self.child(child, self.at(2)).await;
    }

    async fn a_lost_answer_is_given_again_within_the_grace(&self) {
        let (session, token) = self.open(self.ids.id(), self.start).await;
        let child = self.child(&token, self.at(100)).await;
        assert!(self.child(&token, self.at(110)).await == child, "10 s later");
        let grandchild = self.child(&child, self.at(111)).await;
        assert!(self.child(&child, self.at(112)).await == grandchild);
        let found = self.store.find(session.id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, None);
    }

    async fn late_reuse_revokes_the_session(&self) {
        let (session, token) = self.open(self.ids.id(), self.start).await;
        let child = self.child(&token, self.at(100)).await;
        let reuse = self.rotate(&token, self.at(110) + TimeDelta::microseconds(1)).await;
        let (user_id, session_id) = (session.user_id, session.id);
        assert_eq!(reuse, Rotation::Reused { user_id, session_id });
        let found = self.store.find(session.id).await.unwrap().unwrap();
        assert!(found.revoked_at.is_some());
        assert_eq!(self.rotate(&child, self.at(111)).await, Rotation::Invalid, "the child died with it");
        assert_eq!(self.rotate(&token, self.at(112)).await, Rotation::Invalid, "and is reported once");
    }

    /// A clock that was set back must neither excuse a thief nor accuse whoever asks again at once.
    async fn a_use_in_the_future_is_as_far_away_as_one_in_the_past(&self) {
        let (_, token) = self.open(self.ids.id(), self.start).await;
        let child = self.child(&token, self.at(100)).await;
        assert!(self.child(&token, self.at(90)).await == child, "10 s earlier");
        let reuse = self.rotate(&token, self.at(90) - TimeDelta::microseconds(1)).await;
        assert!(matches!(reuse, Rotation::Reused { .. }), "{reuse:?}");
        assert_eq!(self.rotate(&child, self.at(101)).await, Rotation::Invalid);
    }

    async fn the_shared_clock_runs_forward(&self) {
        let (first, second) = (self.store.now().await.unwrap(), self.store.now().await.unwrap());
        assert_eq!(first.is_some(), second.is_some());
        assert!(first <= second, "{first:?} {second:?}");
    }

    async fn parallel_late_reuse_is_reported_once(&self) {
        let (_, token) = self.open(self.ids.id(), self.start).await;
        let child = self.child(&token, self.at(1)).await;
        let mut answers = self.twenty_uses_at_once(&token, self.at(60)).await;
        answers.retain(|answer| *answer != Rotation::Invalid);
        assert!(matches!(answers.as_slice(), [Rotation::Reused { .. }]), "{answers:?}");
        assert_eq!(self.rotate(&child, self.at(60)).await, Rotation::Invalid);
    }

    async fn an_unknown_revoked_or_expired_token_is_invalid(&self) {
        let stranger = RefreshToken::generate(&SystemRandom);
        assert_eq!(self.rotate(&stranger, self.start).await, Rotation::Invalid);

        let (session, token) = self.open(self.ids.id(), self.start).await;
        assert!(self.store.revoke(session.user_id, session.id, self.at(1)).await.unwrap());
        assert_eq!(self.rotate(&token, self.at(2)).await, Rotation::Invalid);

        let (session, token) = self.open(self.ids.id(), self.start).await;
        assert_eq!(self.rotate(&token, session.expires_at).await, Rotation::Invalid);
        let found = self.store.find(session.id).await.unwrap();
        assert_eq!(found, Some(session), "a refused token changes nothing");
    }

    async fn a_list_holds_the_users_live_sessions_latest_first(&self) {
        let user_id = self.ids.id();
        let (first, token) = self.open(user_id, self.start).await;
        let (second, _) = self.open(user_id, self.at(10)).await;
        let (revoked, _) = self.open(user_id, self.at(20)).await;
        let (expired, _) = self.open(user_id, self.at(-7_200)).await;
        self.open(self.ids.id(), self.start).await;
        assert!(self.store.revoke(user_id, revoked.id, self.at(21)).await.unwrap());
        assert!(!expired.is_live(self.at(30)));
        let list = async || {
            let sessions = self.store.list(user_id, self.at(40)).await.unwrap();
            sessions.into_iter().map(|session| session.id).collect::<Vec<_>>()
        };
        assert_eq!(list().await, [second.id, first.id]);
        self.child(&token, self.at(30)).await;
        assert_eq!(list().await, [first.id, second.id]);
    }

    async fn only_the_owner_revokes_and_only_once(&self) {
        let (session, _) = self.open(self.ids.id(), self.start).await;
        let revoke = async |user_id| self.store.revoke(user_id, session.id, self.at(5)).await.unwrap();
        assert!(!revoke(self.ids.id()).await, "someone else's");
        assert!(revoke(session.user_id).await);
        assert!(!revoke(session.user_id).await, "the second time");
        let found = self.store.find(session.id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, Some(self.at(5)));
    }

    async fn revoking_all_spares_one_and_other_users(&self) {
        let user_id = self.ids.id();
        let (kept, _) = self.open(user_id, self.start).await;
        let (ended, token) = self.open(user_id, self.start).await;
        let (others, _) = self.open(self.ids.id(), self.start).await;
        let units = Units::in_memory();
        let revoke_all = async |except| {
            let mut unit = units.begin();
            let ended = self.store.revoke_all(&mut unit, user_id, except, self.at(5)).await.unwrap();
            unit.commit().await.unwrap();
            ended
        };
        let mut dropped = units.begin();
        assert_eq!(self.store.revoke_all(&mut dropped, user_id, None, self.at(5)).await.unwrap().len(), 2);
        drop(dropped);
        assert_eq!(revoke_all(Some(kept.id)).await, [ended.id]);
        assert_eq!(self.rotate(&token, self.at(6)).await, Rotation::Invalid);
        assert_eq!(self.store.list(user_id, self.at(6)).await.unwrap(), std::slice::from_ref(&kept));
        assert_eq!(revoke_all(None).await, [kept.id]);
        assert!(revoke_all(None).await.is_empty());
        assert_eq!(self.store.find(others.id).await.unwrap(), Some(others));
    }

    async fn a_purge_removes_the_expired_and_keeps_the_live(&self) {
        let (old, old_token) = self.open(self.ids.id(), self.at(-7_200)).await;
        let (live, live_token) = self.open(self.ids.id(), self.start).await;
        while self.store.purge_expired(self.at(10)).await.unwrap() > 0 {}
        assert_eq!(self.store.find(old.id).await.unwrap(), None);
        assert_eq!(self.rotate(&old_token, self.at(-7_100)).await, Rotation::Invalid);
        assert_eq!(self.store.find(live.id).await.unwrap(), Some(live));
        self.child(&live_token, self.at(11)).await;
    }
}

fn circumstances(now: DateTime<Utc>) -> Rotate {
    Rotate { now, expires_at: now + TTL, grace: GRACE }
}
