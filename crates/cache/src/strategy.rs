//! How a value gets into the cache, and out of date ones out.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Error, Tag, Ttl};

/// How cache and source are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A read that misses fills the cache; a write empties it.
    #[default]
    CacheAside,
    /// The same, but a write puts what it wrote into the cache, so that the next read hits.
    WriteThrough,
    /// A write goes to the cache and returns; the source follows.
    WriteBehind,
    /// As cache aside; a read in the last fifth of a value's life has it fetched anew in the background, so that what
    /// is asked for often never misses.
    RefreshAhead,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 4] = [Self::CacheAside, Self::WriteThrough, Self::WriteBehind, Self::RefreshAhead];

    /// The name in settings and in `#[cached]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CacheAside => "cache_aside",
            Self::WriteThrough => "write_through",
            Self::WriteBehind => "write_behind",
            Self::RefreshAhead => "refresh_ahead",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Strategy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|strategy| strategy.as_str() == name).ok_or(Error::InvalidName(
            "a strategy is cache_aside, write_through, write_behind or refresh_ahead",
        ))
    }
}

/// How one kind of values is cached.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub(crate) ttl: Ttl,
    pub(crate) negative_ttl: Option<Ttl>,
    pub(crate) strategy: Strategy,
    pub(crate) tags: Vec<Tag>,
}

impl Recipe {
    /// Cache aside, for `ttl` less up to a tenth of it.
    #[must_use]
    pub const fn new(ttl: Ttl) -> Self {
        Self { ttl, negative_ttl: None, strategy: Strategy::CacheAside, tags: Vec::new() }
    }

    /// By this strategy.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// That there is no such thing is kept too, for so long. Otherwise it is asked each time.
    #[must_use]
    pub fn negative_ttl(self, ttl: Ttl) -> Self {
        Self { negative_ttl: Some(ttl), ..self }
    }

    /// With these tags.
    #[must_use]
    pub fn tags(self, tags: impl IntoIterator<Item = Tag>) -> Self {
        Self { tags: tags.into_iter().collect(), ..self }
    }

    /// Whether a value with so much of its life left is to be fetched anew.
    pub(crate) fn is_due(&self, ttl: Duration, left: Duration) -> bool {
        self.strategy == Strategy::RefreshAhead && left <= ttl / 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_is_known_by_the_name_it_has_in_settings() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.as_str().parse(), Ok(strategy));
            assert_eq!(serde_json::to_value(strategy).unwrap(), strategy.as_str());
        }
        assert!("write_around".parse::<Strategy>().is_err());
    }

    #[test]
    fn a_value_is_due_in_the_last_fifth_of_its_life() {
        let second = Duration::from_secs(1);
        let recipe = Recipe::new(Ttl::from_seconds(10).unwrap());
        assert!(!recipe.is_due(second * 10, second));
        let recipe = recipe.strategy(Strategy::RefreshAhead);
        assert!(recipe.is_due(second * 10, second * 2) && !recipe.is_due(second * 10, second * 3));
    }
}
