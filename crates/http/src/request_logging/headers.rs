//! Headers as one JSON object.

use actix_web::http::header::{HeaderMap, HeaderValue};
use palisade_core::Secret;
use palisade_telemetry::Masker;
use serde_json::{Map, Value};

use super::edge;

/// The most lines that are shown; more than that is an attempt at something.
const MOST: usize = 64;
/// The most bytes of a name or a value that are shown.
const LONGEST: usize = 1_024;

/// Headers that are credentials, whatever they look like, to whoever holds them.
const SECRET: [&str; 6] =
    ["authorization", "cookie", "set-cookie", "x-api-key", "proxy-authorization", "idempotency-key"];

/// The headers, masked. One that comes several times is an array; how many were left out stands under `…`.
pub(super) fn shown(headers: &HeaderMap, masker: &Masker) -> String {
    let mut shown = Map::new();
    for (name, value) in headers.iter().take(MOST) {
        let text = Value::String(masked(masker, name.as_str(), value));
        let name = bounded(name.as_str().as_bytes(), |name| masker.text(name).into_owned());
        match shown.get_mut(&name) {
            None => {
                shown.insert(name, text);
            }
            Some(Value::Array(lines)) => lines.push(text),
            Some(first) => *first = Value::Array(vec![first.take(), text]),
        }
    }
    // The order in which they are kept is none.
    shown.sort_keys();
    let left_out = headers.len().saturating_sub(MOST);
    if left_out > 0 {
        shown.insert("…".to_owned(), left_out.into());
    }
    Value::Object(shown).to_string()
}

fn masked(masker: &Masker, name: &str, value: &HeaderValue) -> String {
    if SECRET.contains(&name) {
        return Secret::REDACTED.to_owned();
    }
    bounded(value.as_bytes(), |text| masker.header(name, text).into_owned())
}

/// As much as is shown, as text.
fn bounded(bytes: &[u8], mask: impl FnOnce(&str) -> String) -> String {
    match bytes.get(..LONGEST) {
        Some(start) if bytes.len() > LONGEST => {
            let mut shown = mask(edge::whole_words(&String::from_utf8_lossy(start)));
            shown.push('…');
            shown
        }
        _ => mask(&String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;
    use serde_json::json;

    use super::*;

    fn of(sent: &[(&str, &[u8])]) -> Value {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        serde_json::from_str(&shown(&headers, &Masker::default())).unwrap()
    }

    #[test]
    fn credentials_are_hidden_and_the_rest_is_masked() {
        let mut sent: Vec<_> = SECRET.iter().map(|name| (*name, &b"plain words"[..])).collect();
        sent.extend([("host", &b"a"[..]), ("from", b"ulla@example.com"), ("x-note", b"caf\xe9 token=abc")]);
        let mut wanted: Map<_, _> = SECRET.iter().map(|name| ((*name).to_owned(), json!("***"))).collect();
        wanted.extend([
            ("host".to_owned(), json!("a")),
            ("from".to_owned(), json!("u***@example.com")),
            ("x-note".to_owned(), json!("caf\u{fffd} token=***")),
        ]);
        assert_eq!(of(&sent), Value::Object(wanted));
    }

    #[test]
    fn a_header_that_comes_again_is_an_array() {
        let sent = [("accept", &b"a"[..]), ("accept", b"b"), ("accept", b"c")];
        assert_eq!(of(&sent), json!({"accept": ["a", "b", "c"]}));
    }

    #[test]
    fn there_is_a_bound_on_lines_and_on_their_length() {
        let names: Vec<_> = (0..100).map(|number| format!("x-{number}")).collect();
        let sent: Vec<_> = names.iter().map(|name| (name.as_str(), &[b'a'; 10][..])).collect();
        let shown = of(&sent);
        assert_eq!((shown.as_object().unwrap().len(), &shown["…"]), (65, &json!(36)));
        let long = [&[b'a'; 1_000][..], b" ulla@example.com ", &[b'b'; 9_000]].concat();
        assert_eq!(
            of(&[("x-long", &long)])["x-long"],
            json!(format!("{} u***@example.com…", "a".repeat(1_000)))
        );
        let cut = [&[b'a'; 1_010][..], b" ulla.tester@example.com"].concat();
        assert_eq!(of(&[("x-cut", &cut)])["x-cut"], json!(format!("{}…", "a".repeat(1_010))));
    }
}
