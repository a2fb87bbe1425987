//! What `Content-Type` and `Content-Encoding` promise of a body.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use palisade_core::Error;

use crate::error::wrong_type;

/// The types of bodies that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json` and `application/*+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl MediaType {
    /// The type of the body that comes with `headers`.
    ///
    /// # Errors
    /// 415 naming `accepted` when it is none of them, none at all or more than one, when its charset is not
    /// UTF-8, or when the body is compressed.
    pub(super) fn of(headers: &HeaderMap, accepted: &'static str) -> Result<Self, Error> {
        refuse_compressed(headers)?;
        let mut values = headers.get_all(CONTENT_TYPE);
        let (value, more) = (values.next(), values.next());
        let text = value.filter(|_| more.is_none()).and_then(|value| value.to_str().ok());
        text.and_then(Self::named).ok_or_else(|| wrong_type(accepted))
    }

    /// Clients write the header in more ways than RFC 9110 §8.3.1 allows, with blanks around `;` or a charset without its
    /// name, and mean the same.
    fn named(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        if !parts.all(may_stand_beside) {
            return None;
        }
        match name.as_str() {
            "application/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            other => {
                let subtype = other.strip_prefix("application/")?.strip_suffix("+json")?;
                (!subtype.is_empty() && !subtype.contains(['/', ' '])).then_some(Self::Json)
            }
        }
    }
}

/// Whether a parameter leaves the body in UTF-8, which JSON must have (RFC 8259 §8.1). Others than the charset do not
/// count.
fn may_stand_beside(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or(("charset", parameter));
    let value = value.trim().trim_matches(['"', '\'']);
    // What is in US-ASCII is in UTF-8 too.
    let is_utf8 =
        || ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|name| value.eq_ignore_ascii_case(name));
    parameter.is_empty() || !name.trim().eq_ignore_ascii_case("charset") || is_utf8()
}

/// A compressed body could be thousands of times larger than its limit says; none is taken.
fn refuse_compressed(headers: &HeaderMap) -> Result<(), Error> {
    let plain = headers.get_all(CONTENT_ENCODING).all(|coding| {
        coding
            .to_str()
            .is_ok_and(|coding| coding.trim().is_empty() || coding.eq_ignore_ascii_case("identity"))
    });
    if plain {
        return Ok(());
    }
    let error = Error::unsupported_media_type("The body must not be compressed");
    Err(error.with_header("accept-encoding", "identity"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn of(sent: &[(HeaderName, &'static str)]) -> Result<MediaType, Error> {
        let mut headers = HeaderMap::new();
        sent.iter().for_each(|(name, text)| headers.append(name.clone(), HeaderValue::from_static(text)));
        MediaType::of(&headers, "application/json")
    }

    #[test]
    fn takes_json_under_each_of_its_names() {
        for text in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/merge-patch+json",
            "application/json; profile=x",
            "application/json ;charset=utf-8",
            "application/json; utf-8",
            "application/json;UTF8",
            "application/json; charset=utf8",
            "application/json; charset = 'utf-8'",
            "application/json; charset=us-ascii",
            "application/json;",
            "application/json; profile=\"x\" ; charset=Utf-8",
            "application/vnd.api+json ; charset=utf-8",
        ] {
            assert_eq!(of(&[(CONTENT_TYPE, text)]).ok(), Some(MediaType::Json), "{text}");
        }
        let form = of(&[(CONTENT_TYPE, "application/x-www-form-urlencoded")]);
        assert_eq!(form.ok(), Some(MediaType::Form));
    }

    #[test]
    fn names_what_it_takes_when_it_gets_something_else() {
        for text in [
            "text/plain",
            "text/json",
            "application/xml",
            "json",
            "",
            ";",
            "application/+json",
            "application/json charset=utf-8",
            "application/json, text/plain",
            "application/json; charset=latin1",
            "application/json; latin1",
            "application/json; charset=utf-16",
            "application/json; charset=",
            "application/json; charset=utf-8; charset=latin1",
        ] {
            let error = of(&[(CONTENT_TYPE, text)]).unwrap_err();
            assert_eq!(error.status(), 415, "{text}");
            assert!(error.headers().any(|header| header == ("accept", "application/json")), "{text}");
        }
        assert!(of(&[]).is_err());
        assert!(of(&[(CONTENT_TYPE, "application/json"), (CONTENT_TYPE, "text/plain")]).is_err());
    }

    #[test]
    fn takes_no_compressed_body() {
        let json = (CONTENT_TYPE, "application/json");
        assert!(of(&[json.clone(), (CONTENT_ENCODING, "Identity")]).is_ok());
        for coding in ["gzip", "br, gzip", "foo"] {
            let error = of(&[json.clone(), (CONTENT_ENCODING, coding)]).unwrap_err();
            assert!(error.headers().any(|header| header == ("accept-encoding", "identity")), "{coding}");
        }
    }
}
