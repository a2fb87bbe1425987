//! Claims about single accounts.

use std::sync::Arc;

use palisade_core::{Parse, Role};
use tokio::task::JoinSet;

use super::{Suite, hash, name, next, without_password};
use crate::{Account, Email, Error, Login, Replacing, Result, Status, Updated, User, Username};

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
            self.store
                .insert(&Account { user: user.clone(), password_hash: password_hash.clone() })
                .await
                .unwrap();
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
        let added = self.store.insert(&without_password(&same_email)).await;
        assert!(matches!(added, Err(Error::EmailTaken)), "{added:?}");
        let added = self.store.insert(&without_password(&same_username)).await;
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
            let (store, account) = (Arc::clone(&self.store), without_password(&user));
            racers.spawn(async move { store.insert(&account).await });
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
        self.store.insert(&account).await.unwrap();
        let first = account.user;
        let second = User {
            email: Email::parse("second@example.com").unwrap(),
            username: Username::parse("Second").unwrap(),
            name: name("Second"),
            roles: [].into(),
            status: Status::Disabled,
            ..next(&first)
        };
        let make = |_: Option<&User>, before: &User| {
            assert_eq!(*before, first);
            Ok(second.clone())
        };
        let updated = self.store.update(first.id, first.id, &make).await.unwrap();
        assert_eq!(updated, Updated { before: first.clone(), after: second.clone() });
        let found = self.store.find(first.id).await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash), (second.clone(), account.password_hash));

        let refused = self.store.update(first.id, first.id, &|_, _| Err(Error::Changed)).await;
        assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
        assert_eq!(self.present(&first).await, second);
        let unknown = self.replace(&self.someone()).await;
        assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
    }

    pub(super) async fn of_many_who_change_one_user_none_is_lost(&self) {
        let user = self.add(self.someone()).await;
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let (store, id) = (Arc::clone(&self.store), user.id);
            racers.spawn(async move { store.update(id, id, &|_, before| Ok(next(before))).await.map(drop) });
        }
        let results = racers.join_all().await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        let sixteen_later = (0..16).fold(user.version, |version, _| version.next());
        assert_eq!(self.present(&user).await.version, sixteen_later);
    }

    pub(super) async fn whoever_writes_is_read_in_the_transaction(&self) {
        let (author, user) = (self.add(self.someone()).await, self.add(self.someone()).await);
        let nobody = self.someone();
        for (by, expected) in [(author.id, Some(&author)), (user.id, Some(&user)), (nobody.id, None)] {
            let is_expected = |found: Option<&User>| assert_eq!(found, expected);
            let change = |found: Option<&User>, before: &User| {
                is_expected(found);
                Ok(before.clone())
            };
            self.store.update(by, user.id, &change).await.unwrap();
            let refuse = |found: Option<&User>, _: &User| {
                is_expected(found);
                Err(Error::Changed)
            };
            assert!(self.store.delete(by, user.id, &refuse).await.is_err());
            let admit = |found: Option<&User>| {
                is_expected(found);
                Ok(())
            };
            self.store.insert_by(by, &without_password(&self.someone()), &admit).await.unwrap();
        }
        let unwanted = self.someone();
        let refused = self
            .store
            .insert_by(author.id, &without_password(&unwanted), &|_| Err(Error::RegistrationClosed))
            .await;
        assert!(matches!(refused, Err(Error::RegistrationClosed)), "{refused:?}");
        assert!(self.store.find(unwanted.id).await.unwrap().is_none());
        assert_eq!(self.present(&user).await, user);
    }

    /// The author takes part in its own write: whoever takes away its right comes before or after, never between.
    pub(super) async fn nobody_acts_with_a_right_that_is_being_taken_away(&self) {
        for _ in 0..8 {
            let author = self.add(User { name: name("may"), ..self.someone() }).await;
            let user = self.add(self.someone()).await;
            let author_may = |author: Option<&User>| author.is_some_and(|author| author.name == name("may"));
            let deprived = |_: Option<&User>, before: &User| Ok(User { name: None, ..next(before) });
            let acted = |author: Option<&User>, before: &User| match author_may(author) {
                true => Ok(next(before)),
                false => Err(Error::Changed),
            };
            let deprive = self.store.update(user.id, author.id, &deprived);
            let act = self.store.update(author.id, user.id, &acted);
            let again = self.store.update(author.id, user.id, &acted);
            let (deprived, acted) = tokio::join!(deprive, act);
            deprived.unwrap();
            assert!(matches!(acted, Ok(_) | Err(Error::Changed)), "{acted:?}");
            assert!(matches!(again.await, Err(Error::Changed)));
            let written = self.present(&user).await != user;
            assert_eq!(written, acted.is_ok());
        }
    }

    pub(super) async fn a_password_is_set_beside_the_user(&self) {
        let user = self.add(self.someone()).await;
        let (old, new) = (hash("b2xkc2FsdG9sZHNhbHQ"), hash("bmV3c2FsdG5ld3NhbHQ"));
        let set =
            async |replacing, hash| self.store.set_password_hash(user.id, replacing, hash).await.unwrap();
        assert!(!set(Replacing::Only(&old), &new).await, "there is none to replace");
        assert!(set(Replacing::Any, &old).await);
        assert!(!set(Replacing::Only(&new), &new).await, "another one is present");
        assert!(set(Replacing::Only(&old), &new).await);
        let found = self.store.find(user.id).await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash), (user.clone(), Some(new)), "and the user is the same");

        let stranger = self.someone().id;
        assert!(!self.store.set_password_hash(stranger, Replacing::Any, &old).await.unwrap());
    }

    pub(super) async fn a_deleted_user_is_gone_and_leaves_its_names(&self) {
        let user = self.add(self.someone()).await;
        let refused = self.store.delete(user.id, user.id, &|_, _| Err(Error::Changed)).await;
        assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
        self.remove(&user).await.unwrap();
        assert!(self.store.find(user.id).await.unwrap().is_none());
        let again = self.remove(&user).await;
        assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
        self.add(User { id: self.someone().id, ..user }).await;
    }
}
