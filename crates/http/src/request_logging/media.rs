//! Which bodies are shown.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use mime::Mime;
use palisade_telemetry::Masker;

/// The longest name of a type that is shown, in bytes; registered ones are shorter (RFC 6838 §4.2 has 127 as the most,
/// of each half).
const LONGEST_NAME: usize = 128;

/// What a body is, by its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    pub(super) kind: Kind,
    /// The name of its type, masked.
    pub(super) name: String,
}

/// How a body is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Form,
    Text,
    /// It is not.
    Opaque,
}

impl Media {
    /// What comes with `headers`. A body under several types, or none, is none that is shown.
    pub(super) fn of(headers: &HeaderMap, masker: &Masker) -> Self {
        let mut values = headers.get_all(CONTENT_TYPE);
        let (value, more) = (values.next(), values.next());
        let mime =
            value.filter(|_| more.is_none()).and_then(|value| value.to_str().ok()?.parse::<Mime>().ok());
        let Some(mime) = mime.filter(|mime| mime.essence_str().len() <= LONGEST_NAME) else {
            return Self { kind: Kind::Opaque, name: "unknown type".to_owned() };
        };
        let is_readable = is_plain(headers) && is_utf8(&mime);
        let kind = if is_readable { Kind::named(&mime) } else { Kind::Opaque };
        Self { kind, name: masker.text(mime.essence_str()).into_owned() }
    }
}

impl Kind {
    fn named(mime: &Mime) -> Self {
        let suffix = mime.suffix().map(|name| name.as_str());
        match (mime.type_().as_str(), mime.subtype().as_str(), suffix) {
            // Each part may be anything; events would be told when their stream ends, which may be never.
            ("multipart", ..) | ("text", "event-stream", _) => Self::Opaque,
            ("application" | "text", "json", None) | (_, _, Some("json")) => Self::Json,
            ("application", "x-www-form-urlencoded", None) => Self::Form,
            ("text", ..) | ("application", "xml", None) | (_, _, Some("xml")) => Self::Text,
            _ => Self::Opaque,
        }
    }

    /// A body of this kind in its masked form, if it is shown.
    pub(super) fn masked(self, masker: &Masker, text: &str) -> Option<String> {
        match self {
            Self::Json => Some(masker.json(text)),
            Self::Form => Some(masker.form(text).into_owned()),
            Self::Text => Some(masker.text(text).into_owned()),
            Self::Opaque => None,
        }
    }
}

/// Whether it is not compressed.
fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).all(|coding| {
        let coding = coding.as_bytes().trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    })
}

/// Whether the charset, if one is named, is one whose letters are what masking takes them for.
fn is_utf8(mime: &Mime) -> bool {
    let known = ["utf-8", "utf8", "us-ascii", "ascii"];
    mime.get_param(mime::CHARSET).is_none_or(|charset| known.iter().any(|known| charset == *known))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn of(sent: &[(HeaderName, &'static str)]) -> Media {
        let mut headers = HeaderMap::new();
        sent.iter().for_each(|(name, text)| headers.append(name.clone(), HeaderValue::from_static(text)));
        Media::of(&headers, &Masker::default())
    }

    #[test]
    fn text_is_shown_and_nothing_else() {
        for (text, kind) in [
            ("application/json", Kind::Json),
            ("Application/JSON; charset=UTF-8", Kind::Json),
            ("application/problem+json", Kind::Json),
            ("application/x-www-form-urlencoded", Kind::Form),
            ("text/plain", Kind::Text),
            ("text/html; charset=utf-8", Kind::Text),
            ("application/xml", Kind::Text),
            ("application/atom+xml", Kind::Text),
            ("text/plain; charset=utf-16", Kind::Opaque),
            ("application/json; charset=utf-7", Kind::Opaque),
            ("text/event-stream", Kind::Opaque),
            ("multipart/form-data; boundary=x", Kind::Opaque),
            ("multipart/x+json", Kind::Opaque),
            ("image/png", Kind::Opaque),
            ("application/octet-stream", Kind::Opaque),
            ("nonsense", Kind::Opaque),
        ] {
            assert_eq!(of(&[(CONTENT_TYPE, text)]).kind, kind, "{text}");
        }
        assert_eq!(of(&[]).kind, Kind::Opaque);
        let twice = [(CONTENT_TYPE, "application/json"), (CONTENT_TYPE, "text/plain")];
        assert_eq!(of(&twice).kind, Kind::Opaque);
    }

    #[test]
    fn what_is_compressed_is_not_shown() {
        let json = (CONTENT_TYPE, "application/json");
        assert_eq!(of(&[json.clone(), (CONTENT_ENCODING, " Identity")]).kind, Kind::Json);
        for coding in ["gzip", "identity, br", "foo"] {
            assert_eq!(of(&[json.clone(), (CONTENT_ENCODING, coding)]).kind, Kind::Opaque, "{coding}");
        }
    }

    #[test]
    fn the_name_of_a_type_hides_what_it_must_and_is_bounded() {
        assert_eq!(of(&[(CONTENT_TYPE, "image/png; a=b")]).name, "image/png");
        assert!(!of(&[(CONTENT_TYPE, "image/4111-1111-1111-1111")]).name.contains("4111-"));
        let long = format!("image/{}", "x".repeat(1_000)).leak();
        assert_eq!(of(&[(CONTENT_TYPE, long)]).name, "unknown type");
    }
}
