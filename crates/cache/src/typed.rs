//! Values of one kind.

use std::{fmt, marker::PhantomData};

use serde::{Serialize, de::DeserializeOwned};

use crate::{CacheKey, Caching, Change, Fetched, Namespace, Recipe, Result};

/// The values of one kind: a namespace for their keys and a recipe for how they are cached. Bytes that are no such value
/// are a miss.
///
/// What an id stands for is anything that can be shown; an id that makes no [`CacheKey`] is an error, never another's value.
pub struct Typed<V> {
    caching: Caching,
    namespace: Namespace,
    recipe: Recipe,
    kind: PhantomData<fn() -> V>,
}

impl<V> Typed<V> {
    /// Values in `namespace`, cached as `recipe` says.
    #[must_use]
    pub const fn new(caching: Caching, namespace: Namespace, recipe: Recipe) -> Self {
        Self { caching, namespace, recipe, kind: PhantomData }
    }

    /// The key of an id.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub fn key(&self, id: impl fmt::Display) -> Result<CacheKey> {
        self.namespace.key(id)
    }

    /// How they are cached.
    #[must_use]
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// What they are cached in.
    #[must_use]
    pub const fn caching(&self) -> &Caching {
        &self.caching
    }

    /// Begins a change of one of them; see [`Caching::change`].
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn change(&self, id: impl fmt::Display) -> Result<Change> {
        Ok(self.caching.change(&self.key(id)?).await)
    }

    /// Forgets one of them.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn forget(&self, id: impl fmt::Display) -> Result<()> {
        self.caching.forget(&self.key(id)?).await;
        Ok(())
    }
}

impl<V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Typed<V> {
    /// One of them, if it is cached.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn get(&self, id: impl fmt::Display) -> Result<Option<V>> {
        Ok(self.caching.get(&self.key(id)?).await)
    }

    /// Some of them, in the order of their ids, in one round trip.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn get_many(&self, ids: impl IntoIterator<Item: fmt::Display>) -> Result<Vec<Option<V>>> {
        let keys: Vec<CacheKey> = ids.into_iter().map(|id| self.key(id)).collect::<Result<_>>()?;
        Ok(self.caching.get_many(&keys).await)
    }

    /// Caches one of them.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey), [`Error::Unencodable`](crate::Error::Unencodable).
    pub async fn set(&self, id: impl fmt::Display, value: &V) -> Result<()> {
        self.caching.set(&self.key(id)?, value, &self.recipe).await
    }

    /// Caches some of them, in one round trip.
    ///
    /// # Errors
    /// [`Error::InvalidKey`](crate::Error::InvalidKey), [`Error::Unencodable`](crate::Error::Unencodable): then none.
    pub async fn set_many<'a>(
        &self,
        values: impl IntoIterator<Item = (impl fmt::Display, &'a V)>,
    ) -> Result<()> {
        let values = values.into_iter().map(|(id, value)| Ok((self.key(id)?, value)));
        self.caching.set_many(values.collect::<Result<Vec<_>>>()?, &self.recipe).await
    }

    /// One of them, from the cache or by `fetch`; see [`Caching::get_or_fetch`].
    ///
    /// # Errors
    /// What `fetch` gives, and [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn get_or_fetch<E, F>(
        &self,
        id: impl fmt::Display,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Fetched<V>, E>
    where
        E: From<crate::Error> + Clone + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        self.caching.get_or_fetch(&self.key(id)?, &self.recipe, fetch).await
    }

    /// One of them that may not exist; see [`Caching::find_or_fetch`].
    ///
    /// # Errors
    /// What `fetch` gives, and [`Error::InvalidKey`](crate::Error::InvalidKey).
    pub async fn find_or_fetch<E, F>(
        &self,
        id: impl fmt::Display,
        fetch: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Fetched<Option<V>>, E>
    where
        E: From<crate::Error> + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Option<V>, E>> + Send + 'static,
    {
        self.caching.find_or_fetch(&self.key(id)?, &self.recipe, fetch).await
    }
}

impl<V> Clone for Typed<V> {
    fn clone(&self) -> Self {
        Self::new(self.caching.clone(), self.namespace.clone(), self.recipe.clone())
    }
}

impl<V> fmt::Debug for Typed<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("namespace", &self.namespace).field("recipe", &self.recipe).finish()
    }
}
