//! Under which name a counter is kept.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use crate::{LimitKey, Policy};

/// The longest text of a key that is kept as it is. An address or an id with its prefix fits.
const LONGEST: usize = 64;

/// `rl:{login|t60000|ip:203.0.113.9}`: what belongs together (policy, algorithm and windows, key) within braces, so that
/// a cluster keeps it in one place. A policy with other windows is another counter, so that what a script finds is
/// always its own.
pub(super) fn of(prefix: &str, policy: &Policy, key: &LimitKey) -> String {
    let mut name = String::with_capacity(prefix.len() + policy.name().len() + LONGEST + 32);
    name.push_str(prefix);
    name.push('{');
    name.push_str(policy.name());
    name.push('|');
    name.push_str(policy.algorithm().as_str().get(..1).unwrap_or_default());
    for quota in policy.quotas() {
        // Writing to a string never fails.
        let _ = write!(name, "{}.", quota.window().as_micros());
    }
    name.push('|');
    push_text(&mut name, key);
    name.push('}');
    name
}

/// Braces would end the hash tag, control characters would spoil what an operator sees, and length costs memory on the
/// server: such texts are known by their hash. None that is kept as it is begins with `#`.
fn push_text(name: &mut String, key: &LimitKey) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@+=~".contains(&byte);
    let text = key.as_str();
    if text.len() <= LONGEST && text.bytes().all(plain) {
        name.push_str(text);
        return;
    }
    name.push('#');
    for byte in digest(&SHA256, key.as_bytes()).as_ref() {
        let _ = write!(name, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Algorithm, Quota};

    fn policy(algorithm: Algorithm, quotas: &[Quota]) -> Policy {
        Policy::new("login", algorithm, quotas).unwrap()
    }

    #[test]
    fn names_can_be_read_and_belong_together() {
        let quotas = [Quota::per_minute(5), Quota::per_hour(20)];
        let name = of("rl:", &policy(Algorithm::TokenBucket, &quotas), &LimitKey::of("ip", "203.0.113.9"));
        assert_eq!(name, "rl:{login|t60000000.3600000000.|ip:203.0.113.9}");
    }

    #[test]
    fn other_windows_and_algorithms_are_other_counters_and_other_limits_are_not() {
        let key = LimitKey::new("k");
        let name = |algorithm, quota| of("", &policy(algorithm, &[quota]), &key);
        let base = name(Algorithm::TokenBucket, Quota::per_minute(5));
        assert_eq!(base, name(Algorithm::TokenBucket, Quota::per_minute(9).with_burst(2)));
        assert_ne!(base, name(Algorithm::TokenBucket, Quota::per_hour(5)));
        assert_ne!(base, name(Algorithm::FixedWindow, Quota::per_minute(5)));
        assert_ne!(
            name(Algorithm::SlidingWindow, Quota::per_minute(5)),
            name(Algorithm::FixedWindow, Quota::per_minute(5))
        );
    }

    proptest! {
        #[test]
        fn any_text_makes_a_short_safe_name_of_its_own(one in ".{0,200}", other in ".{0,200}") {
            let policy = policy(Algorithm::SlidingWindow, &[Quota::per_minute(5)]);
            let name = of("rl:", &policy, &LimitKey::new(&one));
            prop_assert!(name.len() < 120 && name.bytes().all(|byte| byte.is_ascii_graphic()));
            let braces = (name.matches(['{', '}']).count(), name.ends_with('}'));
            prop_assert_eq!(braces, (2, true));
            prop_assert_eq!(one == other, name == of("rl:", &policy, &LimitKey::new(&other)));
        }
    }
}
