//! The keys that sign and verify.
//!
//! A key carries its one algorithm; a token only names a key of ours, by `kid`. So a token cannot choose the
//! algorithm it is verified by (RFC 8725 §3.1), nor bring a key along. Another algorithm is one more
//! constructor of [`SigningKey`]; rotation is one more key in the set.

use std::{collections::HashMap, fmt};

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, jwk::Jwk};
use palisade_core::Secret;

use palisade_core::secret::{MIN_BYTES, WeakSecret};

/// A key with its name and its one algorithm.
pub struct SigningKey {
    id: String,
    algorithm: Algorithm,
    signing: EncodingKey,
    verifying: DecodingKey,
    /// What others need to verify; none for a shared secret, which verifies and signs alike.
    public: Option<Jwk>,
}

impl SigningKey {
    /// A key for HMAC with SHA-256.
    ///
    /// # Errors
    /// [`WeakSecret::TooShort`] below the 32 bytes that RFC 7518 §3.2 demands. Whether it is guessable in
    /// other ways is asked by [`Settings::secret_weakness`](crate::Settings::secret_weakness).
    pub fn hs256(secret: &Secret) -> Result<Self, WeakSecret> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < MIN_BYTES {
            return Err(WeakSecret::TooShort);
        }
        Ok(Self {
            id: thumbprint("HS256", bytes),
            algorithm: Algorithm::HS256,
            signing: EncodingKey::from_secret(bytes),
            verifying: DecodingKey::from_secret(bytes),
            public: None,
        })
    }

    /// The name that tokens carry as `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn signing(&self) -> &EncodingKey {
        &self.signing
    }

    pub(super) fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The first 128 bits of a SHA-256 over purpose and key: it names the key and tells nothing of one that is
/// random.
fn thumbprint(algorithm: &str, key: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [b"palisade kid ", algorithm.as_bytes(), b"\0", key] {
        context.update(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(context.finish().as_ref().get(..16).unwrap_or_default())
}

/// The key that signs new tokens, and all keys whose tokens are still taken.
#[derive(Debug)]
pub struct KeySet {
    active: String,
    keys: HashMap<String, SigningKey>,
}

impl KeySet {
    /// A set that signs with `active` and takes its tokens only.
    #[must_use]
    pub fn new(active: SigningKey) -> Self {
        Self { active: active.id.clone(), keys: HashMap::from([(active.id.clone(), active)]) }
    }

    /// The same set, which also takes tokens signed by `key`: one that was active, or is soon to be.
    #[must_use]
    pub fn also_taking(mut self, key: SigningKey) -> Self {
        self.keys.entry(key.id.clone()).or_insert(key);
        self
    }

    /// The public keys, for `/.well-known/jwks.json` (RFC 7517 §5).
    pub fn public(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.values().filter_map(|key| key.public.as_ref())
    }

    /// The key that signs.
    pub(super) fn active(&self) -> Option<&SigningKey> {
        self.keys.get(&self.active)
    }

    /// The key of ours that is named so.
    pub(super) fn named(&self, id: &str) -> Option<&SigningKey> {
        self.keys.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";

    #[test]
    fn a_secret_below_32_bytes_makes_no_key() {
        assert_eq!(SigningKey::hs256(&Secret::new(&SECRET[1..])).unwrap_err(), WeakSecret::TooShort);
    }

    #[test]
    fn a_key_is_named_after_itself_and_shows_nothing_of_itself() {
        let (key, same) = (
            SigningKey::hs256(&Secret::new(SECRET)).unwrap(),
            SigningKey::hs256(&Secret::new(SECRET)).unwrap(),
        );
        assert_eq!(key.id(), same.id());
        assert_ne!(key.id(), SigningKey::hs256(&Secret::new(format!("{SECRET}!"))).unwrap().id());
        let shown = format!("{:?}", KeySet::new(key));
        assert!(!shown.contains(SECRET), "{shown}");
    }

    #[test]
    fn a_shared_secret_is_never_published() {
        assert_eq!(KeySet::new(SigningKey::hs256(&Secret::new(SECRET)).unwrap()).public().count(), 0);
    }
}
