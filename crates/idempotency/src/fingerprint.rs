//! How a request is told from another without keeping it.

use std::fmt;

use aws_lc_rs::hmac::{self, Context, HMAC_SHA256, Key};
use palisade_core::{Random, Secret};

/// What a request that repeats another must have in common with it, as 32 bytes: 8 that say under which key it was made,
/// and 24 of the HMAC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// How many bytes name the key.
const KEY_NAME: usize = 8;

/// The key under which fingerprints are made. Bodies hold passwords: a plain SHA-256 of one in a stolen database would
/// let them be guessed at full speed, past the slow hash that protects them. So it is an HMAC, under a key that
/// is not in the database and that all processes share.
#[derive(Clone)]
pub struct FingerprintKey(Key);

impl FingerprintKey {
    /// A key derived from a secret that serves another purpose too.
    #[must_use]
    pub fn derive(secret: &Secret) -> Self {
        let secret = Key::new(HMAC_SHA256, secret.expose().as_bytes());
        let derived = hmac::sign(&secret, b"palisade idempotency fingerprint 1");
        Self(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// A key for one process, whose answers are kept in its memory.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(Key::new(HMAC_SHA256, &random.bytes::<32>()))
    }

    /// The fingerprint of these parts in this order.
    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            // With its length before it, so that no part can run into the next.
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        let mut fingerprint = [0; 32];
        let (name, rest) = fingerprint.split_at_mut(KEY_NAME);
        copy_start(name, hmac::sign(&self.0, b"name").as_ref());
        copy_start(rest, context.sign().as_ref());
        Fingerprint(fingerprint)
    }
}

fn copy_start(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

impl Fingerprint {
    /// The fingerprint that was stored; `None` unless it has 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Whether it is certain that the other one is of another request. Under another key, as after a change of the
    /// server's secret, nothing is: whoever repeats a request must then not be told to take a new key, which would have
    /// it carried out twice.
    #[must_use]
    pub fn is_of_another_request(&self, other: &Self) -> bool {
        self != other && self.0.iter().zip(&other.0).take(KEY_NAME).all(|(one, other)| one == other)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey")
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::SystemRandom;

    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = FingerprintKey::generate(&SystemRandom);
        assert_eq!(key.fingerprint(&[b"a", b"b"]), key.fingerprint(&[b"a", b"b"]));
        assert_ne!(key.fingerprint(&[b"ab", b""]), key.fingerprint(&[b"a", b"b"]));
        assert_ne!(key.fingerprint(&[b"ab"]), key.fingerprint(&[b"ab", b""]));
    }

    #[test]
    fn under_another_secret_a_request_cannot_be_told_from_another() {
        let under =
            |secret: &str, body: &[u8]| FingerprintKey::derive(&Secret::new(secret)).fingerprint(&[body]);
        assert!(under("one secret", b"a").is_of_another_request(&under("one secret", b"b")));
        assert!(!under("one secret", b"a").is_of_another_request(&under("one secret", b"a")));
        for body in [b"a", b"b"] {
            assert!(!under("one secret", b"a").is_of_another_request(&under("another secret", body)));
        }
    }

    #[test]
    fn processes_with_one_secret_agree_and_others_do_not() {
        let with = |secret: &str| FingerprintKey::derive(&Secret::new(secret)).fingerprint(&[b"body"]);
        assert_eq!(with("one secret"), with("one secret"));
        assert_ne!(with("one secret"), with("another secret"));
    }
}
