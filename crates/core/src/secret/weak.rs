//! Whether a secret from which keys are made is fit for it.

use std::fmt;

use super::Secret;

/// RFC 7518 §3.2: a key for HS256 has at least the size of its hash, 256 bits.
pub const MIN_BYTES: usize = 32;
/// Fewer distinct bytes in 32 are typed by a cat or a template, not drawn at random: random hexadecimal
/// text of 32 digits has fewer than 8 distinct ones once in about 10^7.
const MIN_DISTINCT_BYTES: usize = 8;

/// What stands in placeholders, in lower case and without anything between letters and digits. Each has six letters at
/// least: a random secret of 64 characters in base64 holds one of them by chance less than once in 10^6.
const PHRASES: &[&str] = &[
    "secret",
    "password",
    "passphrase",
    "placeholder",
    "insecure",
    "example",
    "changeme",
    "changethis",
    "changeit",
    "changebefore",
    "changein",
    "changeon",
    "changethe",
    "replaceme",
    "replacethis",
    "replacewith",
    "replacein",
    "replaceby",
    "generateme",
    "generatea",
    "generatewith",
    "generateyour",
    "randomstring",
    "randomkey",
    "randomvalue",
    "longrandom",
    "notforproduction",
    "donotuse",
    "dontuse",
    "forlocaluse",
    "fordevelopment",
    "fortesting",
    "forprod",
    "yourkey",
    "yourjwt",
    "yourtoken",
    "your256bit",
    "yoursigning",
    "yourown",
    "yourlong",
    "yoursuper",
    "yourapp",
    "putyour",
    "enteryour",
    "insertyour",
    "setyour",
    "addyour",
    "keyhere",
    "valuehere",
    "tokenhere",
    "stringhere",
    "texthere",
    "goeshere",
    "defaultkey",
    "testkey",
    "devkey",
    "dummykey",
    "samplekey",
    "jwtkey",
    "signingkey",
    "qwertyuiop",
    "asdfghjkl",
    "letmein",
    "loremipsum",
];

/// Keys that everybody can read in a tutorial.
const PUBLISHED: &[&str] = &[
    // FastAPI, "OAuth2 with Password (and hashing), Bearer with JWT tokens".
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    // SHA-256 of "password", "secret" and "test".
    "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
];

/// Why a secret is not fit for production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakSecret {
    /// It has fewer than 32 bytes.
    TooShort,
    /// It holds a text known from examples and templates.
    FromAnExample,
    /// It has fewer than 8 distinct bytes, repeats itself, or counts up.
    Repetitive,
}

impl fmt::Display for WeakSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "must have at least 32 bytes",
            Self::FromAnExample => "must be random, not a text from an example",
            Self::Repetitive => "must be random, not a repetition of few characters",
        })
    }
}

impl std::error::Error for WeakSecret {}

/// Judges a secret from which keys are made.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(secret: &Secret) -> Result<(), WeakSecret> {
    let text = secret.expose();
    if text.len() < MIN_BYTES {
        return Err(WeakSecret::TooShort);
    }
    if is_placeholder(text) {
        return Err(WeakSecret::FromAnExample);
    }
    if is_repetitive(text.as_bytes()) {
        return Err(WeakSecret::Repetitive);
    }
    Ok(())
}

/// Whether a text is one that stands in an example until somebody puts a secret in its place, such as
/// `replace-with-a-long-random-string-here`, `<your-key>` or `${SECRET}`.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let plain: String = letters.chars().map(without_disguise).collect();
    let has_phrase = |letters: &str| PHRASES.iter().any(|phrase| letters.contains(phrase));
    PUBLISHED.contains(&letters.as_str())
        || is_template(text)
        || has_phrase(&letters)
        // With digits for letters chance finds more words, so they must be longer.
        || PHRASES.iter().any(|phrase| phrase.len() >= 8 && plain.contains(phrase))
}

/// A whole text that a shell, a template or a person should have replaced.
fn is_template(text: &str) -> bool {
    let within = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("%(", ")s")];
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let inside = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inside.is_some_and(|inside| inside.chars().all(is_word))
        || within.iter().any(|(begin, end)| text.starts_with(begin) && text.ends_with(end))
}

/// The letter for which people write a digit.
const fn without_disguise(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// Few distinct bytes, one piece over and over, or bytes that mostly repeat or follow each other, as `0123456789` does.
fn is_repetitive(bytes: &[u8]) -> bool {
    let mut distinct = bytes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let period = (1..=bytes.len() / 2)
        .find(|period| bytes.iter().zip(bytes.iter().skip(*period)).all(|(one, next)| one == next));
    let neighbours = bytes.iter().zip(bytes.iter().skip(1)).filter(|(one, next)| one.abs_diff(**next) <= 1);
    distinct.len() < MIN_DISTINCT_BYTES || period.is_some() || neighbours.count() * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    use crate::{Random, SeededRandom};

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

    #[test]
    fn placeholders_are_no_secrets() {
        let placeholders = [
            "replace-with-a-long-random-string-here",
            "REPLACE_WITH_A_LONG_RANDOM_STRING_HERE",
            "replace_me_with_32_random_bytes_or_more",
            "please-change-me-before-you-go-live-1234",
            "change-this-to-something-nobody-can-guess",
            "CHANGE_IN_PRODUCTION_CHANGE_IN_PRODUCTION",
            "your-super-long-jwt-key-of-at-least-32-bytes",
            "your_secret_key_here_min_32_characters_long",
            "my-super-secret-key-for-jwt-signing-2024!!",
            "a-string-secret-at-least-256-bits-long",
            "dev-secret-key-not-for-production-use-only",
            "django-insecure-8x!k2v9q0z7p4m6n1b3c5d",
            "insert-your-value-here-insert-your-value",
            "put-your-own-32-character-value-in-here",
            "this-is-an-example-key-of-sufficient-length",
            "generate-with-openssl-rand-base64-48-please",
            "Ch4ng3M3-Ch4ng3M3-and-some-more-characters",
            "s3cr3tp4ssw0rd-p4ssw0rd-and-more-and-more",
            "<a-long-random-value-goes-between-these>",
            "${JWT_SIGNING_VALUE_FROM_THE_VAULT_PLEASE}",
            "$(openssl rand -base64 48 | tr -d '\\n' )",
            "{{ .Values.auth.jwt.signing.value | quote }}",
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
            "qwertyuiopasdfghjklzxcvbnm1234567890",
        ];
        for text in placeholders {
            assert_eq!(check(&Secret::new(text)), Err(WeakSecret::FromAnExample), "{text}");
        }
    }

    #[test]
    fn repetitions_and_sequences_are_no_secrets() {
        let texts = [
            "0123456789012345678901234567890123456789",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "abcdefghabcdefghabcdefghabcdefgh",
            "k7Jq0vXn3TzR9bWmk7Jq0vXn3TzR9bWm",
            "aaaabbbbccccddddeeeeffffgggghhhhiiii",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxabcdefgh",
            "1111222233334444555566667777888899990000",
        ];
        for text in texts {
            assert_eq!(check(&Secret::new(text)), Err(WeakSecret::Repetitive), "{text}");
        }
    }

    #[test]
    fn the_usual_spellings_of_random_bytes_are_secrets() {
        let secrets = [
            // openssl rand -hex 32, -base64 32, -base64 48; secrets.token_urlsafe(32)
            "3f9c0b7a5d2e814466f0a9b8c7d6e5f43f1c2b7a9d0e8f6455a1b2c3d4e5f607",
            "q83vEjRWeJq83u/+3LqYdlQyEA8eLTxLWml4h5altMM=",
            "7c1hP0Zs+9QwJmXv2LrTbN4kYdGf8oAeUiHj5SxC3yVtBzKqRnWlMg6DpOaEuFI0",
            "Drmhze6EPcv0fN_81Bj-nA8Yt2Kq5XwLs3GvRzUo7iE",
            // base32, two UUIDs, pwgen -sy, a passphrase
            "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI2TMNZYHE",
            "6f1c0b9a-4e2d-4d6b-9a77-0c3f5b8e2d11-93b4",
            "f\"&2:Xv]#kP0~w/T{9q<Lr$8}Zb^m(Y!",
            "violet-tractor-93-lamp-orbit-cactus-mango",
        ];
        for text in secrets {
            assert_eq!(check(&Secret::new(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn no_random_secret_is_taken_for_a_placeholder() {
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let random: &dyn Random = &SeededRandom::new(14);
        for _ in 0..2_000 {
            let bytes = random.bytes::<48>();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let base64: String =
                bytes.iter().map(|byte| char::from(BASE64[usize::from(byte % 64)])).collect();
            for text in [hex, base64] {
                assert_eq!(check(&Secret::new(&text)), Ok(()), "{text}");
            }
        }
    }
}
