//! Whether a signing secret is one.

use palisade_core::Secret;

/// RFC 7518 §3.2: a key for HS256 has at least the size of its hash, 256 bits.
pub(super) const MIN_BYTES: usize = 32;
/// Fewer distinct bytes in 32 are typed by a cat or a template, not drawn at random: random hexadecimal
/// text of 32 digits has fewer than 8 distinct ones once in about 10^7.
const MIN_DISTINCT_BYTES: usize = 8;
/// Parts of the secrets that stand in examples and templates, in lower case.
const EXAMPLES: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "changethis",
    "change-this",
    "change_this",
    "change this",
    "your-secret",
    "your_secret",
    "your-256-bit",
    "insecure",
    "placeholder",
];

/// Why a signing secret is not fit for production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// It has fewer than 32 bytes.
    #[error("must have at least 32 bytes")]
    TooShort,
    /// It holds a text known from examples and templates.
    #[error("must be random, not a text from an example")]
    FromAnExample,
    /// It has fewer than 8 distinct bytes.
    #[error("must be random, not a repetition of few characters")]
    Repetitive,
}

/// Judges a signing secret.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn check(secret: &Secret) -> Result<(), WeakSecret> {
    let text = secret.expose();
    if text.len() < MIN_BYTES {
        return Err(WeakSecret::TooShort);
    }
    let lower = text.to_lowercase();
    if EXAMPLES.iter().any(|example| lower.contains(example)) {
        return Err(WeakSecret::FromAnExample);
    }
    let mut bytes = text.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    if bytes.len() < MIN_DISTINCT_BYTES {
        return Err(WeakSecret::Repetitive);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_secrets() {
        let table = [
            ("", Err(WeakSecret::TooShort)),
            ("k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2U", Err(WeakSecret::TooShort)),
            ("k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue", Ok(())),
            ("9f86d081884c7d659a2feaa0c55ad015", Ok(())),
            ("ChangeMe-ChangeMe-ChangeMe-ChangeMe", Err(WeakSecret::FromAnExample)),
            ("your-256-bit-key-goes-here-thank-you", Err(WeakSecret::FromAnExample)),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Err(WeakSecret::Repetitive)),
            ("abababababababababababababababababab", Err(WeakSecret::Repetitive)),
        ];
        for (secret, wanted) in table {
            assert_eq!(check(&Secret::new(secret)), wanted, "{secret}");
        }
    }
}
