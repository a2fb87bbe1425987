//! Keys and tokens: what opens doors and shows it by its form.

use palisade_core::prefix;

use super::{
    HIDDEN,
    bytes::{before, byte, end_of, start_of},
    found::{Found, Replacement},
};

/// How keys of others begin that nothing else does, by their first letter in lower case. Those of our own are in
/// [`palisade_core::prefix`].
fn known(first: u8) -> &'static [&'static str] {
    match first.to_ascii_lowercase() {
        b'a' => &["age-secret-key-1", "api_org_"],
        b'c' => &["ccipat_", "cfpat-"],
        b'd' => &["dckr_oat_", "dckr_pat_", "doo_v1_", "dop_v1_", "dor_v1_"],
        b'f' => &["figd_", "flwseck-"],
        b'g' => &[
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "glagent-",
            "glcbt-",
            "gldt-",
            "glffct-",
            "glft-",
            "glimt-",
            "gloas-",
            "glptt-",
            "glrt-",
            "glsa_",
            "glsoat-",
            "gocspx-",
        ],
        b'h' => &["hrku-"],
        b'l' => &["lin_api_", "lin_oauth_"],
        b'n' => &["nrak-"],
        b'p' => &["pk_live_", "pk_test_", "pmak-", "pscale_oauth_", "pscale_pw_", "pscale_tkn_"],
        b'r' => &["rk_live_", "rk_test_", "rubygems_"],
        b's' => &[
            "sk_live_",
            "sk_test_",
            "sk-admin-",
            "sk-ant-",
            "sk-or-v1-",
            "sk-proj-",
            "sk-svcacct-",
            "shpat_",
            "shpca_",
            "shppa_",
            "shpss_",
            "sntrys_",
            "sntryu_",
            "sq0atp-",
            "sq0csp-",
        ],
        b't' => &["tskey-"],
        b'x' => &["xapp-", "xkeysib-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
        _ => &[],
    }
}

/// How keys begin, but names also (`pk_users`): what follows must have a digit or a capital.
const LOOSE_PREFIXES: &[&str] = &["sk_", "pk_", "rk_"];

/// How keys begin, but names also (`npm_config_cache`): [`LONG`] letters and digits at a stretch must follow, one of them
/// a digit or a capital.
const LONG_PREFIXES: &[&str] = &["sk-", "hf_", "npm_", "key-", "ntn_", "pypi-", "sbp_"];
const LONG: usize = 16;

/// The same in this case alone: tokens of JSON (RFC 7519; base64 of `{"`), AWS, Google.
const EXACT_PREFIXES: &[&str] = &["eyJ", "AKIA", "ASIA", "ABIA", "AIza"];

/// Longest word before the first mark of a prefix, and one more.
const NAME: usize = 9;
/// Least bytes after a prefix.
const LEAST: usize = 8;
/// How many bytes after a prefix are looked at before it is taken for a key's.
const NEAR: usize = 64;

/// Words that follow the name of a scheme in a sentence or a challenge (RFC 9110 §11.6.1).
const NO_CREDENTIALS: &[&str] = &[
    "and",
    "at",
    "auth",
    "authentication",
    "authorization",
    "bond",
    "bonds",
    "by",
    "can",
    "challenge",
    "credentials",
    "error",
    "for",
    "from",
    "has",
    "header",
    "in",
    "information",
    "instrument",
    "instruments",
    "is",
    "may",
    "must",
    "not",
    "of",
    "on",
    "or",
    "realm",
    "scheme",
    "shall",
    "share",
    "shares",
    "that",
    "to",
    "token",
    "tokens",
    "was",
    "who",
    "will",
    "with",
];

/// The key within whose prefix `at` is.
pub(super) fn find_key(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = start_of(bytes, at, floor, NAME, |byte| byte.is_ascii_alphanumeric());
    let key = bytes.get(start..)?;
    if at - start == NAME || before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let body = own_or_known(key).or_else(|| {
        length(EXACT_PREFIXES, key, |key, prefix| key == prefix).filter(|length| is_long(key, *length))
    });
    let body = body.or_else(|| {
        length(LOOSE_PREFIXES, key, <[u8]>::eq_ignore_ascii_case).filter(|length| {
            let near = key.iter().skip(*length).take(NEAR).take_while(|byte| is_of_key(**byte));
            is_long(key, *length) && is_no_word(near)
        })
    });
    let body = body.or_else(|| {
        length(LONG_PREFIXES, key, <[u8]>::eq_ignore_ascii_case).filter(|length| {
            let near = key.iter().skip(*length).take(NEAR).take_while(|byte| byte.is_ascii_alphanumeric());
            near.clone().count() >= LONG && is_no_word(near)
        })
    })?;
    let end = end_of(bytes, start + body, is_of_key);
    Some(Found { range: start..end, by: Replacement::Text(HIDDEN) })
}

/// The length of the prefix with which the key begins, if it is one that nothing else has.
fn own_or_known(key: &[u8]) -> Option<usize> {
    let same = <[u8]>::eq_ignore_ascii_case;
    let known = length(known(*key.first()?), key, same).or_else(|| length(&prefix::ALL, key, same));
    known.filter(|length| is_long(key, *length))
}

fn is_no_word<'a>(mut bytes: impl Iterator<Item = &'a u8>) -> bool {
    bytes.any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn length(prefixes: &[&str], key: &[u8], same: fn(&[u8], &[u8]) -> bool) -> Option<usize> {
    let starts = |prefix: &&&str| key.get(..prefix.len()).is_some_and(|key| same(key, prefix.as_bytes()));
    prefixes.iter().find(starts).map(|prefix| prefix.len())
}

fn is_long(key: &[u8], prefix: usize) -> bool {
    let body = key.get(prefix..prefix + LEAST).unwrap_or_default();
    !body.is_empty() && body.iter().all(|byte| is_of_key(*byte))
}

pub(super) fn is_of_key(byte: u8) -> bool {
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
    let is_prose = if scheme == "basic " { is_everyday(word) } else { is_sentence(bytes, word, end) };
    (!word.is_empty() && !known && !is_prose)
        .then_some(Found { range: start..end, by: Replacement::Text(HIDDEN) })
}

/// Whether a word after `basic` is none of base64: it has small letters alone but for the first, or capitals alone
/// (`Basic HTTP authentication`).
fn is_everyday(word: &[u8]) -> bool {
    let is_small = |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-' | b'_');
    word.iter().skip(1).all(is_small) || word.iter().all(u8::is_ascii_uppercase)
}

/// Longest word of a language, more or less.
const WORD: usize = 15;

/// Whether the word after `bearer` that ends at `end` is one of a sentence: small letters alone, and another word after
/// it (`the bearer brings news`).
fn is_sentence(bytes: &[u8], word: &[u8], end: usize) -> bool {
    let is_word = word.len() <= WORD && word.iter().all(u8::is_ascii_lowercase);
    let goes_on = byte(bytes, end) == b' ' && byte(bytes, end + 1).is_ascii_lowercase();
    is_word && goes_on
}

/// The characters of `token68` (RFC 9110 §11.2).
fn is_of_credentials(byte: u8) -> bool {
    is_of_key(byte) || matches!(byte, b'~' | b'+' | b'/' | b'=')
}

/// The login before the `@` at `at` in an address of a database as drivers of Go write it: `user:password@tcp(host)/name`.
pub(super) fn find_login(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let rest = bytes.get(at + 1..)?;
    let is_text = |byte: u8| {
        byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'/' | b'=' | b',')
    };
    let start = start_of(bytes, at, floor, NEAR * 4, is_text);
    let is_address = [&b"tcp("[..], b"unix("].iter().any(|network| rest.starts_with(network));
    let is_login = bytes.get(start..at)?.contains(&b':');
    (is_address && is_login).then_some(Found { range: start..at, by: Replacement::Text(HIDDEN) })
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
            "prt_abcdefghijklmnop",
            "plst_abcdefghijklmnop",
            "npm_abcdefghijklmnop0123",
            "dckr_pat_abcdefghijklmnop",
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
        masks("dsn root:hunter2@tcp(db:3306)/x", "dsn ***@tcp(db:3306)/x");
        masks("postgres://app:hunter2@db/x", "postgres://***@db/x");
        masks("redis://:p/w@host:6379 is gone", "redis://***@host:6379 is gone");
        masks("https://u:p@q@example.com/a", "https://***@example.com/a");
    }

    #[test]
    fn leaves_words() {
        for text in [
            "Bearer token is missing",
            "Bearer realm=\"api\"",
            "bearer of news",
            "Bearer of news",
            "the bearer brings good news",
            "bearer bonds",
            "The bearer shall pass.",
            "Basic HTTP authentication",
            "npm_config_registry2",
            "sk-learn-1.2.3",
            "key-value-store-2",
            "pypi-mirror-2",
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
