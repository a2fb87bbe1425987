//! Refresh tokens: opaque, random, stored only as a hash.
//!
//! Each token is used once and has exactly one child, which is computed from it: an HMAC under the family
//! key that lies in the session's row. So the answer to a refresh can be given again, should it get lost,
//! though nothing but hashes is stored; and the parallel users of one token all get the same child. Neither
//! the database nor an old token is enough to compute a live one; both together are.

use std::fmt;

use aws_lc_rs::{digest, hmac};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use palisade_core::{FieldError, Parse, Random, Secret, prefix::REFRESH_TOKEN as PREFIX};
use zeroize::ZeroizeOnDrop;

/// A refresh token, as the client holds it.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct RefreshToken([u8; 32]);

/// What is stored of a refresh token: its SHA-256. The token is random, so no slower hash is needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

/// The key from which the tokens of one session descend.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct FamilyKey([u8; 32]);

/// How many characters 32 bytes are in base64 without padding.
pub(crate) const ENCODED_LENGTH: usize = 43;

impl RefreshToken {
    /// The first token of a session.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// The token that replaces this one.
    #[must_use]
    pub fn child(&self, family: &FamilyKey) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &family.0);
        Self(thirty_two(hmac::sign(&key, &self.0).as_ref()))
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(thirty_two(digest::digest(&digest::SHA256, &self.0).as_ref()))
    }

    /// The text to give out.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(self.0)))
    }
}

impl Parse for RefreshToken {
    /// Takes the one spelling that [`RefreshToken::to_secret`] gives.
    fn parse(text: &str) -> Result<Self, FieldError> {
        let bytes = text.strip_prefix(PREFIX).filter(|encoded| encoded.len() == ENCODED_LENGTH);
        let bytes = bytes.and_then(|encoded| BASE64_URL_SAFE_NO_PAD.decode(encoded).ok());
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| FieldError::unplaced("invalid_token", "must be a refresh token"))
    }
}

impl FamilyKey {
    /// The key of a new session.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// The key that was stored; `None` unless it has 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TokenHash {
    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The 32 bytes of a SHA-256 or of an HMAC with it.
fn thirty_two(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.copy_from_slice(bytes);
    array
}

macro_rules! redacted {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        })*
    };
}
redacted!(RefreshToken TokenHash FamilyKey);

#[cfg(test)]
mod tests {
    use palisade_core::{SeededRandom, SystemRandom};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_survives_its_text_and_shows_itself_nowhere_else() {
        let token = RefreshToken::generate(&SystemRandom);
        let text = token.to_secret();
        assert_eq!(text.expose().len(), 47);
        assert!(RefreshToken::parse(text.expose()).unwrap() == token);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "RefreshToken(***) TokenHash(***)");
    }

    #[test]
    fn a_child_follows_from_its_parent_and_its_family_alone() {
        let random = SeededRandom::new(1);
        let (token, family) = (RefreshToken::generate(&random), FamilyKey::generate(&random));
        let other = FamilyKey::generate(&random);
        assert!(token.child(&family) == token.child(&family));
        assert!(token.child(&family) != token.child(&other));
        assert!(token.child(&family).child(&family) != token.child(&family));
        assert!(token.child(&family).hash() != token.hash());
    }

    #[test]
    fn one_token_has_one_spelling() {
        let text = format!("prt_{}", "A".repeat(43));
        assert!(RefreshToken::parse(&text).is_ok());
        // The last of 43 characters holds 4 bits; "B" sets one of the 2 that must be zero.
        for wrong in [
            format!("prt_{}B", "A".repeat(42)),
            text.to_uppercase(),
            format!("{text}="),
            format!(" {text}"),
            text.replace('A', "+"),
            text[..46].to_owned(),
        ] {
            assert!(RefreshToken::parse(&wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_a_verdict(text in "(prt_)?[A-Za-z0-9_=+/-]{0,60}|\\PC*") {
            if let Ok(token) = RefreshToken::parse(&text) {
                let given_out = token.to_secret();
                prop_assert_eq!(given_out.expose(), text);
            }
        }
    }
}
