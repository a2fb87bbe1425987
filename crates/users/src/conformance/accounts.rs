//! Claims about single accounts.

use std::{slice, sync::Arc};

use palisade_core::{Parse, Role};
use palisade_events::UnitOfWork;
use tokio::task::JoinSet;

use super::{Suite, hash, insert, name, next, without_password};
use crate::{Account, Email, Error, Login, Replacing, Result, Status, User, UserStore, Username};

impl Suite {
    pub(super) async fn an_account_is_found_as_it_was_added(&self) {
        let full = User {
            name: name(&"😀".repeat(100)),
            roles: [Role::user(), Role::parse("a-b_9").unwrap()].into(),
            status: Status::Disabled,
            created_at: self.at(1),
            updated_at: self.at(2_000_001),
            ..self.someone()
        };
        let bare = User { roles: [].into(), ..self.someone() };
        for (user, password_hash) in [(full, Some(hash("c29tZXNhbHRzb21lc2FsdA"))), (bare, None)] {
            let account = Account { user: user.clone(), password_hash: password_hash.clone() };
            self.insert(&account).await.unwrap();
            let upper = Username::parse(&user.username.as_str().to_uppercase()).unwrap();
            let found = [
                self.store.find(user.id).await,
                self.store.find_by_login(&Login::Email(user.email.clone())).await,
                self.store.find_by_login(&Login::Username(upper)).await,
            ];
            for account in found {
                let account = account.unwrap().unwrap();
                assert_eq!((&account.user, &account.password_hash), (&user, &password_hash));
            }
        }
        let stranger = self.someone();
        assert!(self.store.find(stranger.id).await.unwrap().is_none());
        assert!(self.store.find_by_login(&Login::Email(stranger.email)).await.unwrap().is_none());
        assert!(self.store.find_by_login(&Login::Username(stranger.username)).await.unwrap().is_none());
    }

    pub(super) async fn an_address_and_a_name_are_taken_once(&self) {
        let (ann, bob) = (self.add(self.someone()).await, self.add(self.someone()).await);
        let lower = Username::parse(&ann.username.key()).unwrap();

        let same_email = User { email: ann.email.clone(), ..self.someone() };
        let same_username = User { username: lower.clone(), ..self.someone() };
        let added = self.insert(&without_password(&same_email)).await;
        assert!(matches!(added, Err(Error::EmailTaken)), "{added:?}");
        let added = self.insert(&without_password(&same_username)).await;
        assert!(matches!(added, Err(Error::UsernameTaken)), "{added:?}");

        let changed = self.replace(&User { email: ann.email.clone(), ..next(&bob) }).await;
        assert!(matches!(changed, Err(Error::EmailTaken)), "{changed:?}");
        let changed = self.replace(&User { username: lower.clone(), ..next(&bob) }).await;
        assert!(matches!(changed, Err(Error::UsernameTaken)), "{changed:?}");
        assert_eq!(self.present(&bob).await, bob);

        let own_name_in_lower_case = User { username: lower, ..next(&ann) };
        self.replace(&own_name_in_lower_case).await.unwrap();
        assert_eq!(self.present(&ann).await, own_name_in_lower_case);
    }

    pub(super) async fn of_many_who_take_an_address_one_gets_it(&self) {
        let wanted = Email::parse("wanted@example.com").unwrap();
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let user = User { email: wanted.clone(), ..self.someone() };
            let (units, store) = (self.units.clone(), Arc::clone(&self.store));
            racers.spawn(async move { insert(&units, &store, &without_password(&user)).await });
        }
        let results: Vec<Result<()>> = racers.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(
            results.iter().all(|result| matches!(result, Ok(()) | Err(Error::EmailTaken))),
            "{results:?}"
        );
    }

    pub(super) async fn a_change_is_made_of_what_is_present(&self) {
        let account = Account { user: self.someone(), password_hash: Some(hash("c29tZXNhbHRzb21lc2FsdA")) };
        self.insert(&account).await.unwrap();
        let first = account.user;
        let second = User {
            email: Email::parse("second@example.com").unwrap(),
            username: Username::parse("Second").unwrap(),
            name: name("Second"),
            roles: [].into(),
            status: Status::Disabled,
            ..next(&first)
        };
        let mut unit = self.units.begin();
        assert_eq!(self.store.lock(&mut unit, &[first.id]).await.unwrap(), slice::from_ref(&first));
        self.store.update(&mut unit, &first, &second).await.unwrap();
        assert_eq!(self.store.lock(&mut unit, &[first.id]).await.unwrap(), slice::from_ref(&second));
        unit.commit().await.unwrap();
        let found = self.store.find(first.id).await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash), (second.clone(), account.password_hash));
        let stranger = self.someone();
        let unknown = self.replace(&stranger).await;
        assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
        let mut unit = self.units.begin();
        assert_eq!(self.store.lock(&mut unit, &[stranger.id]).await.unwrap(), []);
    }

    pub(super) async fn of_many_who_change_one_user_none_is_lost(&self) {
        let user = self.add(self.someone()).await;
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let (units, store, id) = (self.units.clone(), Arc::clone(&self.store), user.id);
            let change = async move |mut unit: UnitOfWork, store: Arc<dyn UserStore>| {
                let before = store.lock(&mut unit, &[id]).await?.remove(0);
                store.update(&mut unit, &before, &next(&before)).await?;
                Ok::<_, Error>(unit.commit().await?)
            };
            racers.spawn(async move { units.run(|unit| change(unit, Arc::clone(&store))).await });
        }
        let results = racers.join_all().await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        let sixteen_later = (0..16).fold(user.version, |version, _| version.next());
        assert_eq!(self.present(&user).await.version, sixteen_later);
    }

    pub(super) async fn what_is_not_committed_has_not_happened(&self) {
        let (present, new) = (self.add(self.someone()).await, self.someone());
        let mut unit = self.units.begin();
        self.store.insert(&mut unit, &without_password(&new)).await.unwrap();
        self.store.update(&mut unit, &present, &next(&present)).await.unwrap();
        drop(unit);
        assert!(self.store.find(new.id).await.unwrap().is_none());
        assert_eq!(self.present(&present).await, present);
        let mut unit = self.units.begin();
        self.store.delete(&mut unit, present.id).await.unwrap();
        drop(unit);
        assert_eq!(self.present(&present).await, present);
    }

    pub(super) async fn several_writes_happen_together(&self) {
        let (present, new) = (self.add(self.someone()).await, self.someone());
        let mut unit = self.units.begin();
        self.store.insert(&mut unit, &without_password(&new)).await.unwrap();
        self.store.update(&mut unit, &present, &next(&present)).await.unwrap();
        assert!(
            self.store
                .set_password_hash(&mut unit, new.id, Replacing::Any, &hash("bmV3c2FsdG5ld3NhbHQ"))
                .await
                .unwrap()
        );
        unit.commit().await.unwrap();
        assert_eq!(self.present(&present).await, next(&present));
        let found = self.store.find(new.id).await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash.is_some()), (new.clone(), true));
        // One that fails takes the others with it.
        let mut unit = self.units.begin();
        self.store.delete(&mut unit, present.id).await.unwrap();
        let taken =
            self.store.insert(&mut unit, &without_password(&User { id: self.someone().id, ..new })).await;
        assert!(matches!(taken, Err(Error::EmailTaken | Error::UsernameTaken)), "{taken:?}");
        drop(unit);
        assert_eq!(self.present(&present).await, next(&present));
    }

    /// The author takes part in its own write: whoever takes away its right comes before or after, never between.
    pub(super) async fn nobody_acts_with_a_right_that_is_being_taken_away(&self) {
        for _ in 0..8 {
            let author = self.add(User { name: name("may"), ..self.someone() }).await;
            let user = self.add(self.someone()).await;
            let act = || {
                self.units.run(|mut unit| {
                    let (store, author, user) = (&self.store, &author, &user);
                    async move {
                        let present = store.lock(&mut unit, &[author.id, user.id]).await?;
                        let find = |id| present.iter().find(|user| user.id == id).unwrap();
                        if find(author.id).name != name("may") {
                            return Err(Error::Changed);
                        }
                        store.update(&mut unit, find(user.id), &next(find(user.id))).await?;
                        Ok(unit.commit().await?)
                    }
                })
            };
            let deprived = User { name: None, ..next(&author) };
            let (deprived, acted) = tokio::join!(self.replace(&deprived), act());
            deprived.unwrap();
            assert!(matches!(acted, Ok(()) | Err(Error::Changed)), "{acted:?}");
            assert!(matches!(act().await, Err(Error::Changed)));
            let written = self.present(&user).await != user;
            assert_eq!(written, acted.is_ok());
        }
    }

    pub(super) async fn a_password_is_set_beside_the_user(&self) {
        let user = self.add(self.someone()).await;
        let (old, new) = (hash("b2xkc2FsdG9sZHNhbHQ"), hash("bmV3c2FsdG5ld3NhbHQ"));
        let set = async |id, replacing, hash| {
            let mut unit = self.units.begin();
            let is_set = self.store.set_password_hash(&mut unit, id, replacing, hash).await.unwrap();
            unit.commit().await.unwrap();
            is_set
        };
        assert!(!set(user.id, Replacing::Only(&old), &new).await, "there is none to replace");
        assert!(set(user.id, Replacing::Any, &old).await);
        assert!(!set(user.id, Replacing::Only(&new), &new).await, "another one is present");
        assert!(set(user.id, Replacing::Only(&old), &new).await);
        let found = self.store.find(user.id).await.unwrap().unwrap();
        assert_eq!(
            (found.user, found.password_hash),
            (user.clone(), Some(new.clone())),
            "and the user is the same"
        );

        let stranger = self.someone().id;
        assert!(!set(stranger, Replacing::Any, &old).await);
    }

    pub(super) async fn a_deleted_user_is_gone_and_leaves_its_names(&self) {
        let user = self.add(self.someone()).await;
        self.remove(&user).await.unwrap();
        assert!(self.store.find(user.id).await.unwrap().is_none());
        let again = self.remove(&user).await;
        assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
        self.add(User { id: self.someone().id, ..user }).await;
    }
}
