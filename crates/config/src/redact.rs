//! What may be shown of a value that holds, or might hold, a password.

use palisade_core::Secret;
use serde_json::Value;

use crate::schema::Setting;

/// Words in the name of a URL's query parameter that make its value a secret.
const SECRET_WORDS: [&str; 6] = ["password", "passwd", "pwd", "secret", "token", "key"];

/// The most characters of a value that are shown in a problem.
const MAX_SHOWN: usize = 80;

/// A URL without its password: `postgres://app:***@db/app`. A text that is not a URL stays as it is.
///
/// When in doubt about where a password ends (an unescaped `/` or `@` in it) more is hidden, never less.
#[must_use]
pub fn url(text: &str) -> String {
    let Some((scheme, rest)) = split_scheme(text) else { return text.to_owned() };
    let (user, place) = credentials(rest);
    let name = |user: &str| match user.split_once(':') {
        Some((name, _)) => format!("{name}:{}@", Secret::REDACTED),
        // A user alone is a name for a database, but often a token for a web service.
        None if is_web(scheme) => format!("{}@", Secret::REDACTED),
        None => format!("{user}@"),
    };
    format!("{scheme}://{}{}", user.map(name).unwrap_or_default(), query(place))
}

/// A text with the password of every URL in it hidden, and everything up to the last `@` behind it: nobody can
/// say where an unescaped password ends.
#[must_use]
pub fn urls_within(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (user, place) = credentials(part);
        let web =
            shown.to_ascii_lowercase().ends_with("http") || shown.to_ascii_lowercase().ends_with("https");
        shown.push_str("://");
        match user.map(|user| user.split_once(':').map_or((user, None), |(name, word)| (name, Some(word)))) {
            Some((name, Some(_))) => shown.extend([name, ":", Secret::REDACTED, "@"]),
            Some(_) if web => shown.extend([Secret::REDACTED, "@"]),
            Some((name, None)) => shown.extend([name, "@"]),
            None => {}
        }
        shown.push_str(place);
    }
    shown
}

/// What may be shown of a secret: `***`, but of a URL enough to recognise which server is meant.
#[must_use]
pub fn secret(text: &str) -> String {
    let Some((scheme, rest)) = split_scheme(text) else { return Secret::REDACTED.to_owned() };
    let (user, place) = credentials(rest);
    let name = user.map(|user| match user.split_once(':') {
        Some((name, _)) if !is_web(scheme) => format!("{name}:{}@", Secret::REDACTED),
        _ => format!("{}@", Secret::REDACTED),
    });
    let host = place.split(['/', '?', '#']).next().unwrap_or_default();
    let path = match place.get(host.len()..).unwrap_or_default() {
        "" | "/" => String::new(),
        // The path of a web hook is its password.
        _ if is_web(scheme) => format!("/{}", Secret::REDACTED),
        path => match path.split_once(['?', '#']) {
            Some((path, _)) => format!("{path}?{}", Secret::REDACTED),
            None => path.to_owned(),
        },
    };
    format!("{scheme}://{}{host}{path}", name.unwrap_or_default())
}

/// What may be shown of a setting's value.
pub(crate) fn value(value: &Value, setting: &Setting) -> Value {
    match value {
        Value::String(text) if setting.secret => Value::String(secret(text)),
        Value::String(text) => Value::String(url(text)),
        Value::Array(items) => items.iter().map(|item| self::value(item, setting)).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, inner)| (name.clone(), self::value(inner, setting))).collect()
        }
        other if setting.secret && !other.is_null() => Value::String(Secret::REDACTED.to_owned()),
        other => other.clone(),
    }
}

/// A refused text as it stands in a problem, `None` when it may not.
pub(crate) fn refused(text: &str, setting: &Setting) -> Option<String> {
    let shown: String = urls_within(&url(text)).chars().take(MAX_SHOWN).collect();
    let more = if text.chars().count() > MAX_SHOWN { "…" } else { "" };
    (!setting.secret).then(|| format!("{shown:?}{more}"))
}

/// A refused value of a file as it stands in a problem, `None` when it may not.
pub(crate) fn refused_value(value: &Value, setting: &Setting) -> Option<String> {
    match value {
        Value::String(text) => refused(text, setting),
        Value::Array(_) => (!setting.secret).then(|| "a list".to_owned()),
        Value::Object(_) => (!setting.secret).then(|| "a table".to_owned()),
        other => (!setting.secret).then(|| other.to_string()),
    }
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(valid))
        .then_some((scheme, rest))
}

/// The user information and the rest. With a colon or an `@` before the path, the last `@` ends it: a password
/// may hold characters that should have been escaped.
fn credentials(rest: &str) -> (Option<&str>, &str) {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match rest.rsplit_once('@') {
        Some((user, place)) if authority.contains(['@', ':']) => (Some(user), place),
        _ => (None, rest),
    }
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// `place` with the values of secret query parameters hidden.
fn query(place: &str) -> String {
    let Some((path, query)) = place.split_once('?') else { return place.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(name) => format!("{name}={}", Secret::REDACTED),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_loses_its_password_and_keeps_the_rest() {
        assert_eq!(url("postgres://app:s3cret@db:5432/app"), "postgres://app:***@db:5432/app");
        assert_eq!(url("postgres://app@db/app"), "postgres://app@db/app");
        assert_eq!(url("https://t0ken@example.org/1"), "https://***@example.org/1");
        assert_eq!(url("redis://h/0?password=pw&db=1"), "redis://h/0?password=***&db=1");
        assert_eq!(url("sqlite://data/palisade.db"), "sqlite://data/palisade.db");
        assert_eq!(url("https://example.org/@scope"), "https://example.org/@scope");
        assert_eq!(url("plain text"), "plain text");
    }

    #[test]
    fn a_password_with_unescaped_characters_is_hidden_whole() {
        for shown in [url("mysql://app:p/w@rd#1?x@db/app"), secret("mysql://app:p/w@rd#1?x@db/app")] {
            assert_eq!(shown, "mysql://app:***@db/app");
        }
    }

    #[test]
    fn a_secret_url_shows_the_server_alone() {
        assert_eq!(secret("postgres://app:pw@db/app?sslmode=require"), "postgres://app:***@db/app?***");
        assert_eq!(secret("redis://pw@cache:6379/0"), "redis://***@cache:6379/0");
        assert_eq!(secret("https://hooks.example.org/T0/B1/secret"), "https://hooks.example.org/***");
        assert_eq!(secret("not a url"), "***");
    }

    #[test]
    fn urls_are_found_within_a_message() {
        let shown = urls_within("cannot reach `mysql://a:p w@h/d`, see https://example.org");
        assert_eq!(shown, "cannot reach `mysql://a:***@h/d`, see https://example.org");
        assert_eq!(urls_within("a,https://u:pw@h"), "a,https://u:***@h");
    }

    proptest! {
        #[test]
        fn no_password_survives(password in "[a-zA-Z0-9/?#@:%!$&=+.]{0,30}") {
            let marked = format!("postgres://app:<{password}>@db:5432/app");
            prop_assert!(!url(&marked).contains('<'));
            prop_assert!(!secret(&marked).contains('<'));
        }

        #[test]
        fn any_text_is_shown_without_a_panic(text in ".*") {
            let _ = (url(&text), secret(&text), urls_within(&text));
        }
    }
}
