//! Claims about administrators.

use std::sync::Arc;

use palisade_core::Role;
use palisade_events::UnitOfWork;
use tokio::task::JoinSet;

use super::{Suite, next, without_password};
use crate::{Account, Error, Status, User, UserStore};

impl Suite {
    pub(super) async fn of_many_who_set_up_one_becomes_the_first_admin(&self) {
        assert!(!self.store.has_admin().await.unwrap());
        self.add(self.someone()).await;
        let mut set_ups = JoinSet::new();
        for _ in 0..8 {
            let (units, store) = (self.units.clone(), Arc::clone(&self.store));
            let account = without_password(&self.an_admin());
            let set_up = async |mut unit: UnitOfWork, store: &dyn UserStore, account: &Account| {
                if store.has_other_admin(&mut unit, None).await? {
                    return Err(Error::AdminExists);
                }
                store.insert(&mut unit, account).await?;
                Ok(unit.commit().await?)
            };
            set_ups.spawn(async move { units.run(|unit| set_up(unit, &*store, &account)).await });
        }
        let results = set_ups.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(
            results.iter().all(|result| matches!(result, Ok(()) | Err(Error::AdminExists))),
            "{results:?}"
        );
        assert!(self.store.has_admin().await.unwrap());
    }

    pub(super) async fn the_last_active_admin_stays(&self) {
        let admin = self.only_admin().await;
        let retired = User { status: Status::Disabled, ..self.an_admin() };
        self.add(retired).await;
        let demoted = User { roles: [Role::user()].into(), ..next(&admin) };
        let disabled = User { status: Status::Disabled, ..next(&admin) };
        for after in [demoted, disabled] {
            let refused = self.replace(&after).await;
            assert!(matches!(refused, Err(Error::LastAdmin)), "{refused:?}");
        }
        let refused = self.remove(&admin).await;
        assert!(matches!(refused, Err(Error::LastAdmin)), "{refused:?}");
        assert_eq!(self.present(&admin).await, admin, "nothing of it was done");
    }

    pub(super) async fn two_admins_cannot_unmake_each_other(&self) {
        for _ in 0..5 {
            let first = self.only_admin().await;
            let second = self.add(self.an_admin()).await;
            let demoted = User { roles: [Role::user()].into(), ..next(&first) };
            let (one, other) = tokio::join!(self.replace(&demoted), self.remove(&second));
            let results = [one, other];
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
            assert!(results.iter().any(|result| matches!(result, Err(Error::LastAdmin))), "{results:?}");
            assert!(self.store.has_admin().await.unwrap());
        }
    }

    async fn only_admin(&self) -> User {
        let mut admins = self.all().await;
        admins.retain(User::is_active_admin);
        assert_eq!(admins.len(), 1);
        admins.remove(0)
    }
}
