//! A named set of quotas.

use std::{hash::BuildHasher, num::NonZeroU32, sync::Arc, time::Duration};

use foldhash::quality::FixedState;

use crate::{Algorithm, Quota};

/// A named set of quotas that hold together: a request passes only when each of them lets it.
///
/// Counters belong to the name, the algorithm and the windows: two policies of different names never share one, and
/// the same policy with other limits (another tier) goes on with what was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: Arc<str>,
    algorithm: Algorithm,
    /// The first `count` are the policy's, the rest repeats the first.
    quotas: [Quota; Self::MOST_QUOTAS],
    count: usize,
    fingerprint: u64,
}

/// Why a policy cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// The name stands in header fields and in the keys of other stores.
    #[error("the name of a policy is 1 to 64 ASCII letters, digits, `_`, `-`, `.`, `:` or `/`")]
    Name,
    /// There are too few quotas or too many.
    #[error("a policy has 1 to 4 quotas")]
    Quotas,
    /// One of its quotas cannot be.
    #[error(transparent)]
    Quota(#[from] crate::InvalidQuota),
}

impl Policy {
    /// The most quotas of a policy.
    pub const MOST_QUOTAS: usize = 4;

    /// A policy of 1 to 4 quotas.
    ///
    /// # Errors
    /// When the name or the number of quotas is none a policy can have.
    pub fn new(
        name: impl Into<Arc<str>>,
        algorithm: Algorithm,
        quotas: impl Into<Vec<Quota>>,
    ) -> Result<Self, InvalidPolicy> {
        let (name, quotas) = (name.into(), quotas.into());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(InvalidPolicy::Name);
        }
        let (Some(first), count @ ..=Self::MOST_QUOTAS) = (quotas.first(), quotas.len()) else {
            return Err(InvalidPolicy::Quotas);
        };
        let mut all = [*first; Self::MOST_QUOTAS];
        all.iter_mut().zip(&quotas).for_each(|(place, quota)| *place = *quota);
        Ok(Self { fingerprint: fingerprint(&name, algorithm, &quotas), name, algorithm, quotas: all, count })
    }

    /// Whose counters these are, such as `login`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its quotas are counted.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its quotas, 1 to 4.
    #[must_use]
    pub fn quotas(&self) -> &[Quota] {
        self.quotas.get(..self.count).unwrap_or(&self.quotas)
    }

    /// The first of its quotas.
    pub(crate) fn first(&self) -> &Quota {
        let [first, ..] = &self.quotas;
        first
    }

    /// Equal for policies that share their counters.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The share of one of `replicas` processes that count apart: each limit and burst divided, at least 1.
    #[must_use]
    pub fn divided_by(&self, replicas: NonZeroU32) -> Self {
        Self { quotas: self.quotas.map(|quota| quota.divided_by(replicas)), ..self.clone() }
    }

    /// The same where only those quotas are divided whose windows reach back to something that happened `since` ago.
    pub(crate) fn divided_since(&self, since: Duration, replicas: NonZeroU32) -> Self {
        let share = |quota: Quota| if since < quota.window() { quota.divided_by(replicas) } else { quota };
        Self { quotas: self.quotas.map(share), ..self.clone() }
    }

    /// The same counters, with limits that nothing exceeds.
    pub(crate) fn without_limits(&self) -> Self {
        Self { quotas: self.quotas.map(|quota| quota.with_limit(NonZeroU32::MAX)), ..self.clone() }
    }

    /// The longest window of its quotas.
    pub(crate) fn longest_window(&self) -> Duration {
        self.quotas.iter().map(Quota::window).max().unwrap_or_default()
    }
}

/// Stands for the name, the algorithm and the windows within this process. Policies come from the program and not
/// from its clients, so the hash needs no secret.
fn fingerprint(name: &str, algorithm: Algorithm, quotas: &[Quota]) -> u64 {
    let windows: Vec<Duration> = quotas.iter().map(Quota::window).collect();
    FixedState::default().hash_one((name, algorithm, windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_a_plain_name_and_one_to_four_quotas() {
        let quotas = |n: usize| vec![Quota::per_minute(1); n];
        let new = |name: &str, n| {
            Policy::new(name, Algorithm::default(), quotas(n)).map(|policy| policy.quotas().len())
        };
        assert_eq!(new("api/v1:login", 4), Ok(4));
        for name in ["", "a b", "a\"", "{a}", "é", &"a".repeat(65)] {
            assert_eq!(new(name, 1), Err(InvalidPolicy::Name), "{name}");
        }
        assert_eq!((new("a", 0), new("a", 5)), (Err(InvalidPolicy::Quotas), Err(InvalidPolicy::Quotas)));
    }
}
