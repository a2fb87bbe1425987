//! Users that were read lately.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use palisade_cache::{Caching, Change, Fetched, Namespace, Recipe, Strategy, Ttl, Typed};
use palisade_core::{Parse, UserId};
use serde::{Deserialize, Serialize};

use crate::{Account, Result, User, UserStore, Version};

/// How long it is remembered that there is no user of an id: ids are made at random, so that nobody asked for one
/// before its user exists.
const NOBODY_FOR: std::num::NonZeroU32 = std::num::NonZeroU32::new(10).unwrap();

/// Users that were read lately, under `users:{id}`: what [`User`] shows and its version, never an [`Account`].
///
/// It is asked after the caller's right to see the user was found, and told of each change.
#[derive(Debug, Clone, Default)]
pub struct UserCache(Option<Typed<Snapshot>>);

impl UserCache {
    /// What the keys begin with.
    pub const NAMESPACE: Namespace = Namespace::literal("users").unwrap();

    /// No cache: each user is read from the store.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Users in this cache, for `ttl` at most.
    #[must_use]
    pub fn new(caching: Caching, ttl: Ttl, strategy: Strategy) -> Self {
        let recipe = Recipe::new(ttl).negative_ttl(Ttl::seconds(NOBODY_FOR).min(ttl)).strategy(strategy);
        Self(Some(Typed::new(caching, Self::NAMESPACE, recipe)))
    }

    /// The user of that id, from the cache or the store; says from which, where there is a cache.
    pub(crate) async fn find(
        &self,
        id: UserId,
        store: &Arc<dyn UserStore>,
    ) -> Result<(Option<User>, Option<palisade_cache::Lookup>)> {
        let Some(cached) = &self.0 else {
            return Ok((store.find(id).await?.map(|account| account.user), None));
        };
        let store = Arc::clone(store);
        let fetch = move || async move {
            let account = store.find(id).await?;
            Ok::<_, palisade_core::Error>(account.map(|Account { user, .. }| Snapshot(user)))
        };
        let Fetched { value, lookup } = cached.find_or_fetch(id, fetch).await?;
        Ok((value.map(|Snapshot(user)| user), Some(lookup)))
    }

    /// Forgets a user of whom it was told by somebody else than the one who wrote: by a process that ended before it could say
    /// so, or one without this cache.
    pub(crate) async fn forget(&self, id: UserId) -> palisade_core::Result<()> {
        if let Some(cached) = &self.0 {
            cached.change(id).await?.finish().await;
        }
        Ok(())
    }

    /// A change of that user begins.
    pub(crate) async fn change(&self, id: UserId) -> Result<UserWrite<'_>> {
        Ok(match &self.0 {
            Some(cached) => {
                let change = cached.change(id).await.map_err(palisade_core::Error::from)?;
                UserWrite(Some((change, cached.recipe())))
            }
            None => UserWrite(None),
        })
    }
}

/// A change of a user under way.
pub(crate) struct UserWrite<'a>(Option<(Change, &'a Recipe)>);

impl UserWrite<'_> {
    /// The store has given its verdict; `after` is what became of the user if it took the change.
    pub(crate) async fn settle<T>(self, verdict: &Result<T>, after: Option<&User>) {
        let Some((change, recipe)) = self.0 else { return };
        match (verdict, after) {
            (Ok(_), Some(user)) => change.finish_with(&Snapshot(user.clone()), recipe).await,
            // Nobody knows whether the store has taken it, or will.
            (Err(crate::Error::Other(_)), _) => drop(change),
            _ => change.finish().await,
        }
    }
}

/// A user as it stands in the cache. What is read there is parsed as if it came from outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
struct Snapshot(User);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    id: UserId,
    email: String,
    username: String,
    name: Option<String>,
    roles: Vec<String>,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<Snapshot> for Stored {
    fn from(Snapshot(user): Snapshot) -> Self {
        Self {
            id: user.id,
            email: user.email.as_str().to_owned(),
            username: user.username.as_str().to_owned(),
            name: user.name.map(|name| name.as_str().to_owned()),
            roles: user.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            status: user.status.as_str().to_owned(),
            created_at: user.created_at,
            updated_at: user.updated_at,
            version: user.version.number(),
        }
    }
}

impl TryFrom<Stored> for Snapshot {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        Ok(Self(User {
            id: stored.id,
            email: parse(&stored.email)?,
            username: parse(&stored.username)?,
            name: stored.name.as_deref().map(parse).transpose()?,
            roles: stored.roles.iter().map(|role| parse(role)).collect::<Result<_, _>>()?,
            status: parse(&stored.status)?,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            version: Version::from_number(stored.version),
        }))
    }
}

fn parse<T: Parse>(text: &str) -> Result<T, &'static str> {
    T::parse(text).map_err(|_| "a field breaks its rule")
}
