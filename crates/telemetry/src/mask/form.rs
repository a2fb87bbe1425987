//! Pairs of a query or a form (WHATWG URL §5.1).

use std::borrow::Cow;

use super::{HIDDEN, MAX_BYTES, Masker, json, names, prefix};

pub(super) fn mask<'a>(masker: &Masker, text: &'a str) -> Cow<'a, str> {
    let kept = prefix(text, MAX_BYTES);
    let mut out = String::new();
    let mut changed = kept.len() < text.len();
    for (place, pair) in kept.split('&').enumerate() {
        if place > 0 {
            out.push('&');
        }
        match masked(masker, pair) {
            Some(hidden) => {
                changed = true;
                out.push_str(&hidden);
            }
            None => out.push_str(pair),
        }
    }
    if !changed {
        return text.into();
    }
    if kept.len() < text.len() {
        out.push('…');
    }
    out.into()
}

/// The pair in its masked form; `None` when it hides nothing.
fn masked(masker: &Masker, pair: &str) -> Option<String> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain_name = decode(name);
    let shown_name = masker.text(&plain_name);
    let name = if shown_name == plain_name { name.to_owned() } else { encode(&shown_name) };
    let is_hidden = names::is_signature(plain_name.as_bytes()) || masker.is_sensitive(&plain_name);
    if !value.is_empty() && is_hidden {
        return (value != HIDDEN).then(|| format!("{name}={HIDDEN}"));
    }
    // Before a `+` becomes a space, which would part an address.
    let raw = masker.text(value);
    let plain = decode(&raw);
    let shown = json::nested(masker, &plain, 0).map_or_else(|| masker.text(&plain), Cow::Owned);
    if shown == plain && raw == value {
        // The whole may hold what its parts do not.
        return match masker.text(pair) {
            Cow::Owned(whole) => Some(whole),
            Cow::Borrowed(_) => (shown_name != plain_name).then(|| joined(&name, value)),
        };
    }
    Some(joined(&name, &encode(&shown)))
}

fn joined(name: &str, value: &str) -> String {
    if value.is_empty() { name.to_owned() } else { format!("{name}={value}") }
}

/// One layer of encoding taken off; bytes that are no UTF-8 become `�`.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'+', rest @ ..] => {
                out.push(b' ');
                rest
            }
            [b'%', high, low, after @ ..] => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    out.push(high * 16 + low);
                    after
                }
                None => {
                    out.push(b'%');
                    rest.get(1..).unwrap_or_default()
                }
            },
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes what would not be read back as part of the pair; the rest stays readable, spaces also.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("%26"),
            '+' => out.push_str("%2B"),
            '%' => out.push_str("%25"),
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::Masker;

    #[test]
    fn masks_pairs_and_leaves_the_others() {
        let mask = Masker::default();
        for (text, shown) in [
            ("email=u%40example.com&page=2", "email=u***@example.com&page=2"),
            ("%70assword=x&q=a%20b", "%70assword=***&q=a%20b"),
            ("%2570assword=x", "password=***"),
            ("user[password]=a%26b", "user[password]=***"),
            ("tel=%2B1+555+123+4567", "tel=***-***-4567"),
            ("to=ulla+tag@example.com", "to=u***@example.com"),
            ("card=4111+1111+1111+1111", "card=****-****-****-1111"),
            ("card=4111%201111%201111%201111", "card=****-****-****-1111"),
            ("ulla%40example.com", "u***@example.com"),
            ("token=&password", "token=&password"),
            ("next=%2Fa%3Ftoken%3Dabc%26b%3D1", "next=/a?token=***%26b=1"),
            ("sp=r&sig=Zm9v%2B%3D&sv=2", "sp=r&sig=***&sv=2"),
            ("X-Amz-Signature=0a1b&X-Amz-Date=2", "X-Amz-Signature=***&X-Amz-Date=2"),
            ("data=%7B%22pin%22%3A%22x%22%7D", "data={\"pin\":\"***\"}"),
        ] {
            assert_eq!(mask.query(text), shown);
            assert_eq!(mask.form(shown), shown, "again");
        }
        let long = format!("{}&password=x", "a=1&".repeat(30_000));
        assert!(mask.form(&long).len() < 66_000 && mask.form(&long).ends_with('…'));
    }
}
