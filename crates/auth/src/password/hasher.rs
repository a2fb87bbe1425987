//! Hashing one password.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use palisade_core::Random;

use super::{HashError, PasswordHash};

/// Turns passwords into hashes. Each call costs tens of milliseconds of a core and is made on the hashing
/// threads only.
pub trait Hasher: Send + Sync + 'static {
    /// Hashes with a new salt.
    ///
    /// # Errors
    /// When the hash cannot be computed.
    fn hash(&self, password: &str) -> Result<PasswordHash, HashError>;

    /// Whether `password` is the one that was hashed.
    ///
    /// # Errors
    /// When the hash is of an algorithm this hasher does not know.
    fn verify(&self, password: &str, hash: &PasswordHash) -> Result<bool, HashError>;

    /// Whether the hash was made at another cost than this hasher's.
    fn needs_rehash(&self, hash: &PasswordHash) -> bool;

    /// A hash of this hasher's cost that no password has. Verifying against it when there is no account
    /// takes as long as verifying against a real one.
    ///
    /// # Errors
    /// When the hash cannot be made.
    fn decoy(&self) -> Result<PasswordHash, HashError>;
}

/// Argon2id (RFC 9106) with 19 MiB of memory, two passes and one lane: the first of the settings that the
/// OWASP Password Storage Cheat Sheet calls equally strong.
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
    random: Arc<dyn Random>,
}

/// The memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// RFC 9106 §3.1 recommends 16 bytes of salt for password hashing.
const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;

impl Argon2Hasher {
    /// A hasher at the recommended cost.
    #[must_use]
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self::with_params(
            Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_LENGTH)).unwrap_or_default(),
            random,
        )
    }

    /// A hasher at another cost, such as a test that hashes often can bear.
    ///
    /// # Errors
    /// When RFC 9106 §3.1 does not allow the parameters.
    pub fn with_cost(memory_kib: u32, passes: u32, random: Arc<dyn Random>) -> Result<Self, HashError> {
        let params =
            Params::new(memory_kib, passes, LANES, Some(OUTPUT_LENGTH)).map_err(HashError::Parameters)?;
        Ok(Self::with_params(params, random))
    }

    fn with_params(params: Params, random: Arc<dyn Random>) -> Self {
        Self { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), random }
    }
}

impl Hasher for Argon2Hasher {
    fn hash(&self, password: &str) -> Result<PasswordHash, HashError> {
        let salt: [u8; SALT_LENGTH] = self.random.bytes();
        let hash =
            self.argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(HashError::Failed)?;
        PasswordHash::from_phc(hash.to_string())
    }

    fn verify(&self, password: &str, hash: &PasswordHash) -> Result<bool, HashError> {
        let parsed = phc::PasswordHash::new(hash.as_phc()).map_err(HashError::Malformed)?;
        match self.argon2.verify_password(password.as_bytes(), &parsed) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(HashError::Failed(error)),
        }
    }

    fn needs_rehash(&self, hash: &PasswordHash) -> bool {
        let Ok(parsed) = phc::PasswordHash::new(hash.as_phc()) else { return true };
        let Ok(params) = Params::try_from(&parsed) else { return true };
        let wanted = self.argon2.params();
        parsed.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || parsed.version != Some(Version::V0x13.into())
            || (params.m_cost(), params.t_cost(), params.p_cost())
                != (wanted.m_cost(), wanted.t_cost(), wanted.p_cost())
    }

    fn decoy(&self) -> Result<PasswordHash, HashError> {
        let salt: [u8; SALT_LENGTH] = self.random.bytes();
        let output: [u8; OUTPUT_LENGTH] = self.random.bytes();
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: self.argon2.params().try_into().map_err(HashError::Failed)?,
            salt: Some(phc::Salt::new(&salt).map_err(HashError::Malformed)?),
            hash: Some(phc::Output::new(&output).map_err(HashError::Malformed)?),
        };
        PasswordHash::from_phc(hash.to_string())
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::SystemRandom;

    use super::*;

    fn cheap() -> Argon2Hasher {
        Argon2Hasher::with_cost(8, 1, Arc::new(SystemRandom)).unwrap()
    }

    #[test]
    fn the_default_cost_is_the_one_owasp_recommends() {
        let hash = Argon2Hasher::new(Arc::new(SystemRandom)).hash("correct horse").unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_phc());
    }

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let hasher = cheap();
        let hash = hasher.hash("correct horse").unwrap();
        assert!(hasher.verify("correct horse", &hash).unwrap());
        assert!(!hasher.verify("correct horsf", &hash).unwrap());
        assert!(!hasher.verify("", &hash).unwrap());
        assert_ne!(hash, hasher.hash("correct horse").unwrap());
    }

    #[test]
    fn a_decoy_costs_what_a_hash_costs_and_matches_nothing() {
        let hasher = cheap();
        let (decoy, hash) = (hasher.decoy().unwrap(), hasher.hash("x").unwrap());
        let shape = |hash: &PasswordHash| {
            let parts: Vec<_> = hash.as_phc().split('$').map(str::to_owned).collect();
            (parts[..4].to_vec(), parts[4].len(), parts[5].len())
        };
        assert_eq!(shape(&decoy), shape(&hash));
        assert!(!hasher.needs_rehash(&decoy));
        assert!(!hasher.verify("x", &decoy).unwrap());
    }

    #[test]
    fn another_cost_or_algorithm_calls_for_a_rehash() {
        let hasher = cheap();
        assert!(!hasher.needs_rehash(&hasher.hash("x").unwrap()));
        let dearer = Argon2Hasher::with_cost(16, 1, Arc::new(SystemRandom)).unwrap();
        assert!(hasher.needs_rehash(&dearer.hash("x").unwrap()));
        let other = hasher.hash("x").unwrap().as_phc().replace("argon2id", "argon2i");
        assert!(hasher.needs_rehash(&PasswordHash::from_phc(other).unwrap()));
        assert!(dearer.verify("x", &hasher.hash("x").unwrap()).unwrap(), "an older cost still verifies");
    }
}
