//! Which responses are worth compressing, and may be.

use actix_web::{
    dev::ResponseHead,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HeaderMap},
    },
};

/// Whether nothing speaks against another coding of this response.
///
/// An error is left to the renderer, which writes its body anew. `no-transform` forbids it (RFC 9111 §5.2.2.6).
/// `no-store` marks what holds secrets, such as tokens: a length that depends on both a secret and what an
/// attacker may send along gives the secret away (BREACH).
pub(super) fn may_be_encoded(head: &ResponseHead) -> bool {
    let headers = head.headers();
    has_whole_body(head.status)
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && !headers.get_all(CACHE_CONTROL).any(|value| {
            let mut directives = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            directives.any(|directive| {
                directive.eq_ignore_ascii_case(b"no-transform") || directive.eq_ignore_ascii_case(b"no-store")
            })
        })
}

fn has_whole_body(status: StatusCode) -> bool {
    status.is_success()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::PARTIAL_CONTENT)
}

/// Whether the type is one that compression makes smaller: text, in the widest sense. A stream of events is not,
/// whose events would wait for each other.
pub(super) fn is_compressible(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return false };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let starts =
        |prefix: &[u8]| essence.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let ends = |suffix: &[u8]| {
        let start = essence.len().checked_sub(suffix.len());
        start.and_then(|start| essence.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    let is = |name: &[u8]| essence.eq_ignore_ascii_case(name);
    is(b"application/json")
        || (starts(b"text/") && !is(b"text/event-stream"))
        || ends(b"+json")
        || ends(b"+xml")
        || COMPRESSIBLE.iter().any(|name| is(name.as_bytes()))
}

const COMPRESSIBLE: [&str; 9] = [
    "application/javascript",
    "application/xml",
    "application/x-ndjson",
    "application/manifest",
    "application/graphql",
    "application/rtf",
    "application/wasm",
    "font/ttf",
    "font/otf",
];

#[cfg(test)]
mod tests {
    use actix_web::{
        HttpResponse,
        http::header::{HeaderName, HeaderValue},
    };

    use super::*;

    #[test]
    fn text_is_compressible_and_pictures_are_not() {
        let compressible = |text| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(text));
            is_compressible(&headers)
        };
        for text in [
            "application/json",
            "application/problem+json; charset=utf-8",
            "TEXT/HTML;charset=utf-8",
            "image/svg+xml",
            "text/javascript",
        ] {
            assert!(compressible(text), "{text}");
        }
        for text in
            ["image/png", "application/zip", "application/octet-stream", "text/event-stream", "", "json"]
        {
            assert!(!compressible(text), "{text}");
        }
        assert!(!is_compressible(&HeaderMap::new()));
    }

    #[test]
    fn some_responses_stay_as_they_are() {
        let may = |status: u16, header: (&'static str, &'static str)| {
            let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish();
            let (name, value) = (HeaderName::from_static(header.0), HeaderValue::from_static(header.1));
            response.headers_mut().insert(name, value);
            may_be_encoded(response.head())
        };
        assert!(may(200, ("cache-control", "private, max-age=1")) && may(201, ("etag", "\"a\"")));
        for status in [101, 204, 205, 206, 304, 302, 404, 500] {
            assert!(!may(status, ("etag", "\"a\"")), "{status}");
        }
        for header in [
            ("content-encoding", "gzip"),
            ("content-range", "bytes 0-1/2"),
            ("cache-control", "public, No-Transform"),
            ("cache-control", "no-store"),
        ] {
            assert!(!may(200, header), "{header:?}");
        }
    }
}
