//! Policies that depend on the caller.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use palisade_core::{Principal, Role};
use palisade_ratelimit::Policy;

use super::lines::Lines;

/// A policy with what the headers say of it, made once.
#[derive(Debug)]
pub struct Tier {
    policy: Policy,
    pub(super) lines: Lines,
}

impl Tier {
    /// A tier with that policy. Tiers whose policies have one name share their counts.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { lines: Lines::of(&policy), policy }
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Chooses the policy of a caller, by role, by plan, by whatever is known of it.
///
/// It is asked for each request of the limit it is given to, and at once: keep what it needs in memory. A tier is
/// an `Arc`, so it can be made once and be replaced while requests are under way ([`RoleTiers::replace`]).
///
/// ```
/// use std::{collections::HashMap, sync::{Arc, RwLock}};
/// use palisade_core::{Principal, UserId};
/// use palisade_http::rate_limit::{Tier, Tiers};
///
/// /// The customers who have paid for more.
/// #[derive(Debug)]
/// struct Plans(RwLock<HashMap<UserId, Arc<Tier>>>);
///
/// impl Tiers for Plans {
///     fn tier(&self, caller: Option<&Principal>) -> Option<Arc<Tier>> {
///         self.0.read().ok()?.get(&caller?.user_id().ok()?).cloned()
///     }
/// }
/// ```
pub trait Tiers: fmt::Debug + Send + Sync {
    /// The tier of a caller, or of those without valid credentials; `None`: the limit's own policy.
    fn tier(&self, caller: Option<&Principal>) -> Option<Arc<Tier>>;
}

/// Tiers by role.
///
/// ```
/// use std::sync::Arc;
/// use palisade_core::Role;
/// use palisade_http::rate_limit::{By, RoleTiers, Tier, limit};
/// use palisade_ratelimit::{Algorithm, Policy, Quota};
///
/// let admins = Policy::new("admins", Algorithm::default(), [Quota::per_minute(600)])?;
/// let tiers = Arc::new(RoleTiers::new([(Role::admin(), Tier::new(admins))]));
/// let api = limit("api", Quota::per_minute(60)).by(By::User).tiers(tiers.clone());
/// tiers.replace([]); // from now on admins are limited as everybody is
/// # let _ = api;
/// # Ok::<(), palisade_ratelimit::InvalidPolicy>(())
/// ```
#[derive(Debug)]
pub struct RoleTiers(ArcSwap<Vec<(Role, Arc<Tier>)>>);

impl RoleTiers {
    /// Those with a role of this list have its tier. The first that fits counts: put the most generous first.
    #[must_use]
    pub fn new(tiers: impl IntoIterator<Item = (Role, Tier)>) -> Self {
        Self(ArcSwap::from_pointee(shared(tiers)))
    }

    /// Other tiers from now on.
    pub fn replace(&self, tiers: impl IntoIterator<Item = (Role, Tier)>) {
        self.0.store(Arc::new(shared(tiers)));
    }
}

impl Tiers for RoleTiers {
    fn tier(&self, caller: Option<&Principal>) -> Option<Arc<Tier>> {
        let caller = caller?;
        let tiers = self.0.load();
        let (_, tier) = tiers.iter().find(|(role, _)| caller.roles.contains(role))?;
        Some(Arc::clone(tier))
    }
}

fn shared(tiers: impl IntoIterator<Item = (Role, Tier)>) -> Vec<(Role, Arc<Tier>)> {
    tiers.into_iter().map(|(role, tier)| (role, Arc::new(tier))).collect()
}
