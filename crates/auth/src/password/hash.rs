//! A stored password hash, and the errors of hashing.

use std::fmt;

use argon2::password_hash::phc;

/// The hash of a password with its algorithm, parameters and salt, as a PHC string such as
/// `$argon2id$v=19$m=19456,t=2,p=1$…$…`. It never shows itself in logs: a hash can be guessed at offline.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash that a stored PHC string stands for.
    ///
    /// # Errors
    /// When it is no PHC string.
    pub fn from_phc(text: impl Into<String>) -> Result<Self, HashError> {
        let text = text.into();
        phc::PasswordHash::new(&text).map_err(HashError::Malformed)?;
        Ok(Self(text))
    }

    /// The PHC string to store. Each call is a place to look at when asking where a hash could leak.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is no hash, or of an unknown algorithm.
    #[error("the stored password hash cannot be read")]
    Malformed(#[source] phc::Error),
    /// The algorithm failed.
    #[error("the password cannot be hashed")]
    Failed(#[source] argon2::password_hash::Error),
    /// The parameters are impossible.
    #[error("the hashing parameters are impossible")]
    Parameters(#[source] argon2::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_phc_strings_are_taken_and_none_is_shown() {
        let text = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaA";
        let hash = PasswordHash::from_phc(text).unwrap();
        assert_eq!(hash.as_phc(), text);
        assert!(!format!("{hash:?}").contains("argon2"));
        for text in ["", "secret", "$", "$argon2id", "5f4dcc3b5aa765d61d8327deb882cf99"] {
            let taken = PasswordHash::from_phc(text);
            assert!(taken.is_err() || text.starts_with("$a"), "{text}");
        }
    }
}
