//! The suite each [`UserStore`] must pass. Run it on an empty store:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use palisade_users::{MemoryUserStore, conformance};
//!
//! conformance::user_store(Arc::new(MemoryUserStore::default())).await;
//! # });
//! ```
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod accounts;
mod admins;
mod lists;

use std::{
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use palisade_auth::PasswordHash;
use palisade_core::{Clock, Ids, ManualClock, Parse, Role, SystemRandom};
use palisade_events::{UnitOfWork, Units};

use crate::{Account, Email, Error, Name, Result, Status, User, UserStore, Username, Version};

/// Holds every claim of the suite against the store.
///
/// # Panics
/// At the first claim that does not hold.
pub async fn user_store(store: Arc<dyn UserStore>) {
    let suite = Suite::new(store);
    suite.of_many_who_set_up_one_becomes_the_first_admin().await;
    suite.the_last_active_admin_stays().await;
    suite.two_admins_cannot_unmake_each_other().await;
    suite.an_account_is_found_as_it_was_added().await;
    suite.an_address_and_a_name_are_taken_once().await;
    suite.of_many_who_take_an_address_one_gets_it().await;
    suite.a_change_is_made_of_what_is_present().await;
    suite.of_many_who_change_one_user_none_is_lost().await;
    suite.what_is_not_committed_has_not_happened().await;
    suite.several_writes_happen_together().await;
    suite.nobody_acts_with_a_right_that_is_being_taken_away().await;
    suite.a_password_is_set_beside_the_user().await;
    suite.a_deleted_user_is_gone_and_leaves_its_names().await;
    suite.every_order_is_the_same_on_every_store().await;
    suite.pages_neither_repeat_nor_skip().await;
    suite.a_search_finds_text_as_it_stands_in_any_case().await;
    suite.a_role_and_a_status_are_found_whole().await;
}

struct Suite {
    units: Units,
    store: Arc<dyn UserStore>,
    ids: Ids,
    start: DateTime<Utc>,
    made: AtomicUsize,
}

impl Suite {
    fn new(store: Arc<dyn UserStore>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let start = clock.now();
        Self {
            units: Units::in_memory(),
            store,
            ids: Ids::new(clock, Arc::new(SystemRandom)),
            start,
            made: AtomicUsize::new(0),
        }
    }

    fn at(&self, micros: i64) -> DateTime<Utc> {
        self.start + TimeDelta::microseconds(micros)
    }

    /// A user that no claim has seen, not yet in the store.
    fn someone(&self) -> User {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        User {
            id: self.ids.id(),
            email: Email::parse(&format!("someone{number}@example.com")).unwrap(),
            username: Username::parse(&format!("Someone_{number}")).unwrap(),
            name: None,
            roles: [Role::user()].into(),
            status: Status::Active,
            created_at: self.start,
            updated_at: self.start,
            version: Version::FIRST,
        }
    }

    fn an_admin(&self) -> User {
        User { roles: [Role::admin()].into(), ..self.someone() }
    }

    async fn add(&self, user: User) -> User {
        self.insert(&without_password(&user)).await.unwrap();
        user
    }

    async fn insert(&self, account: &Account) -> Result<()> {
        insert(&self.units, &self.store, account).await
    }

    /// Makes `after` of the user with the same id, unless it leaves no administrator.
    async fn replace(&self, after: &User) -> Result<()> {
        let replace = |mut unit: UnitOfWork| async move {
            self.keep_an_admin(&mut unit, after).await?;
            let present = self.store.lock(&mut unit, &[after.id]).await?;
            let before = present.first().ok_or(Error::NotFound)?;
            self.store.update(&mut unit, before, after).await?;
            Ok(unit.commit().await?)
        };
        self.units.run(replace).await
    }

    async fn remove(&self, user: &User) -> Result<()> {
        let remove = |mut unit: UnitOfWork| async move {
            self.keep_an_admin(&mut unit, &User { roles: [].into(), ..user.clone() }).await?;
            self.store.delete(&mut unit, user.id).await?;
            Ok(unit.commit().await?)
        };
        self.units.run(remove).await
    }

    async fn keep_an_admin(&self, unit: &mut UnitOfWork, after: &User) -> Result<()> {
        let before = self.store.lock(unit, &[after.id]).await?;
        let loses_one = before.iter().any(User::is_active_admin) && !after.is_active_admin();
        match loses_one && !self.store.has_other_admin(unit, Some(after.id)).await? {
            true => Err(Error::LastAdmin),
            false => Ok(()),
        }
    }

    async fn present(&self, user: &User) -> User {
        self.store.find(user.id).await.unwrap().unwrap().user
    }
}

async fn insert(units: &Units, store: &Arc<dyn UserStore>, account: &Account) -> Result<()> {
    let insert = |mut unit: UnitOfWork| async move {
        store.insert(&mut unit, account).await?;
        Ok(unit.commit().await?)
    };
    units.run(insert).await
}

fn without_password(user: &User) -> Account {
    Account { user: user.clone(), password_hash: None }
}

fn next(user: &User) -> User {
    let version = user.version.next();
    User { version, updated_at: user.updated_at + TimeDelta::microseconds(1), ..user.clone() }
}

fn name(text: &str) -> Option<Name> {
    Some(Name::parse(text).unwrap())
}

fn hash(salt: &str) -> PasswordHash {
    let text = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$c29tZWhhc2hzb21laGFzaA");
    PasswordHash::from_phc(text).unwrap()
}
