//! Showing users.

use palisade_cache::Lookup;
use palisade_core::{Page, Principal, UserId};

use super::{Users, permission};
use crate::{Error, ListUsers, Listing, Position, Result, User, metrics::Action};

/// A user, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The user.
    pub user: User,
    /// Whether it was at hand, where users are cached.
    pub lookup: Option<Lookup>,
}

impl Users {
    /// The user of that id, for the user and for who may see every user.
    ///
    /// # Errors
    /// `NotFound`; 403 to anyone else, whether the user exists or not.
    pub async fn get(&self, caller: &Principal, id: UserId) -> Result<Found> {
        self.acting(Action::Read, async {
            // First: what is at hand for one caller is not for every other.
            permission::may_read(caller, id)?;
            let (user, lookup) = self.0.cache.find(id, &self.0.store).await?;
            Ok(Found { user: user.ok_or(Error::NotFound)?, lookup })
        })
        .await
    }

    /// The caller.
    ///
    /// # Errors
    /// `NotFound` when the caller was deleted within the last second.
    pub async fn me(&self, caller: &Principal) -> Result<User> {
        self.acting(Action::Read, async { self.present(permission::account_of(caller)?).await }).await
    }

    /// A page of users. The route lets only those in who may see every user.
    ///
    /// # Errors
    /// 422 when the cursor belongs to another list.
    pub async fn list(&self, asked: ListUsers) -> Result<Page<User>> {
        self.acting(Action::List, async {
            self.asked_to_list(&asked);
            let listing = Listing::try_from(asked)?;
            let users = self.0.store.list(&listing).await?;
            self.listed(&users);
            let Listing { filter, sort, limit, .. } = listing;
            let last = users.get(limit.get().saturating_sub(1)).map(|user| Position::of(user, sort.by));
            let cursor = last.map(|position| position.encode(sort, &filter)).transpose()?;
            Ok(Page::cut(users, limit, |_| cursor.map(palisade_core::Cursor::into_text).unwrap_or_default()))
        })
        .await
    }

    /// Whether there is an active administrator. While there is none, [`Users::create_admin`] makes the first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn has_admin(&self) -> Result<bool> {
        self.0.store.has_admin().await
    }

    pub(super) async fn present(&self, id: UserId) -> Result<User> {
        let account = self.0.store.find(id).await?.ok_or(Error::NotFound)?;
        Ok(account.user)
    }
}
