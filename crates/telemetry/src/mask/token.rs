//! Keys and tokens: what opens doors and shows it by its form.

use super::{
    HIDDEN,
    scan::{Found, Replacement, before, byte, end_of, start_of},
};

/// How keys begin that nothing else does: Stripe, GitHub, GitLab, Slack, Shopify, DigitalOcean, and ours.
const PREFIXES: &[&str] = &[
    "sk_live_",
    "sk_test_",
    "pk_live_",
    "pk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "plsd_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxo-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "shpat_",
    "dop_v1_",
];

/// How keys begin, but names also (`pk_users`): what follows must have a digit or a capital.
const LOOSE_PREFIXES: &[&str] = &["sk_", "pk_", "rk_", "sk-", "hf_", "npm_"];

/// The same in this case alone: tokens of JSON (RFC 7519; base64 of `{"`), AWS, Google.
const EXACT_PREFIXES: &[&str] = &["eyJ", "AKIA", "ASIA", "AIza"];

/// Longest word before the first mark of a prefix, and one more.
const NAME: usize = 7;
/// Least bytes after a prefix.
const LEAST: usize = 8;
/// How many bytes after a prefix are looked at before it is taken for a key's.
const NEAR: usize = 64;

/// Words that follow the name of a scheme in a sentence or a challenge (RFC 9110 §11.6.1).
const NO_CREDENTIALS: &[&str] = &[
    "and",
    "auth",
    "authentication",
    "authorization",
    "challenge",
    "credentials",
    "error",
    "header",
    "information",
    "is",
    "not",
    "or",
    "realm",
    "scheme",
    "token",
    "tokens",
    "was",
];

/// The key within whose prefix `at` is.
pub(super) fn find_key(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = start_of(bytes, at, floor, NAME, |byte| byte.is_ascii_alphanumeric());
    let key = bytes.get(start..)?;
    if at - start == NAME || before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let body = length(PREFIXES, key, |key, prefix| key.eq_ignore_ascii_case(prefix))
        .filter(|length| is_long(key, *length))
        .or_else(|| {
            length(EXACT_PREFIXES, key, |key, prefix| key == prefix).filter(|length| is_long(key, *length))
        })
        .or_else(|| {
            length(LOOSE_PREFIXES, key, |key, prefix| key.eq_ignore_ascii_case(prefix)).filter(|length| {
                let near = key.iter().skip(*length).take(NEAR).take_while(|byte| is_of_key(**byte));
                is_long(key, *length)
                    && near.clone().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            })
        })?;
    let end = end_of(bytes, start + body, is_of_key);
    Some(Found { range: start..end, by: Replacement::Text(HIDDEN) })
}

fn length(prefixes: &[&str], key: &[u8], same: fn(&[u8], &[u8]) -> bool) -> Option<usize> {
    let starts = |prefix: &&&str| key.get(..prefix.len()).is_some_and(|key| same(key, prefix.as_bytes()));
    prefixes.iter().find(starts).map(|prefix| prefix.len())
}

fn is_long(key: &[u8], prefix: usize) -> bool {
    let body = key.get(prefix..prefix + LEAST).unwrap_or_default();
    !body.is_empty() && body.iter().all(|byte| is_of_key(*byte))
}

fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The credentials after the name of a scheme (RFC 9110 §11.4), if one starts at `at`.
pub(super) fn find_scheme(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = bytes.get(at..)?;
    let scheme = ["bearer ", "basic "].into_iter().find(|scheme| {
        rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    })?;
    if before(bytes, at).is_ascii_alphanumeric() {
        return None;
    }
    let start = end_of(bytes, at + scheme.len(), |byte| byte == b' ');
    let end = end_of(bytes, start, is_of_credentials);
    let word = bytes.get(start..end)?;
    let word = word.strip_suffix(b"=").unwrap_or(word);
    let word = word.strip_suffix(b".").unwrap_or(word);
    let known = NO_CREDENTIALS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    // The name of this scheme is an everyday word, what follows it is in base64.
    let everyday = scheme == "basic "
        && word.iter().skip(1).all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-' | b'_'));
    (!word.is_empty() && !known && !everyday)
        .then_some(Found { range: start..end, by: Replacement::Text(HIDDEN) })
}

/// The characters of `token68` (RFC 9110 §11.2).
fn is_of_credentials(byte: u8) -> bool {
    is_of_key(byte) || matches!(byte, b'~' | b'+' | b'/' | b'=')
}

/// What stands before the host of a URL whose `://` is at `at` (RFC 3986 §3.2.1).
pub(super) fn find_user(bytes: &[u8], at: usize) -> Option<Found> {
    let start = at + 3;
    if bytes.get(at..start)? != b"://" {
        return None;
    }
    let is_text = |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`');
    let end = end_of(bytes, start, |byte| is_text(byte) && !matches!(byte, b'/' | b'?' | b'#'));
    let authority = bytes.get(start..end)?;
    let user = authority.iter().rposition(|byte| *byte == b'@').or_else(|| {
        // A password with a `/` that nobody encoded: what follows the colon is no port.
        let (colon, near) = (authority.iter().position(|byte| *byte == b':')?, start + NEAR * 4);
        let port = authority.iter().skip(colon + 1).all(u8::is_ascii_digit);
        let rest = bytes.get(start..near.min(bytes.len()))?;
        let rest = rest.split(|byte| !is_text(*byte)).next()?;
        rest.iter().rposition(|byte| *byte == b'@').filter(|_| !port)
    })?;
    let hidden = bytes.get(start..start + user)? == HIDDEN.as_bytes();
    (user > 0 && !hidden && byte(bytes, start + user) == b'@')
        .then_some(Found { range: start..start + user, by: Replacement::Text(HIDDEN) })
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    #[test]
    fn hides_keys_by_how_they_begin() {
        for key in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "eyJhbGciOiJIUzI1Ni",
            "sk_live_51Habcdefghijkl",
            "SK_LIVE_51Habcdefghijkl",
            "pk_4f9a8b7c6d5e4f3a",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "github_pat_11ABCDEFG0123456789",
            "glpat-abcdefghij",
            "xoxb-1234567890-abcdefghij",
            "AKIAIOSFODNN7EXAMPLE",
            "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            "plsd_abcdefghijklmnop",
        ] {
            masks(key, "***");
            masks(&format!("used {key} twice"), "used *** twice");
            masks(&format!("(\"{key}\")"), "(\"***\")");
        }
    }

    #[test]
    fn hides_credentials_after_their_scheme() {
        masks("Bearer xxx", "Bearer ***");
        masks("sent bearer abc.def-1, twice", "sent bearer ***, twice");
        masks("Basic dWxsYTpodW50ZXIy", "Basic ***");
        masks("postgres://app:hunter2@db/x", "postgres://***@db/x");
        masks("redis://:p/w@host:6379 is gone", "redis://***@host:6379 is gone");
        masks("https://u:p@q@example.com/a", "https://***@example.com/a");
    }

    #[test]
    fn leaves_words() {
        for text in [
            "Bearer token is missing",
            "Bearer realm=\"api\"",
            "a basic plan",
            "pk_users_email violates unique",
            "risk_assessment",
            "sk-SK",
            "https://example.com/a@b",
            "https://example.com:8080/a",
            "***",
            "https://***@example.com",
            "INFO",
            "JSON",
        ] {
            masks(text, text);
        }
    }
}
