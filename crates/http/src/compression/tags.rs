//! Entity tags of compressed responses.
//!
//! The same resource has other bytes in each coding, and a strong tag names bytes (RFC 9110 §8.8.3.3). So a tag
//! `"a"` becomes `"a--gzip"` where its response is compressed. A weak tag would not do: no `If-Match` matches
//! one, and a client could no longer change safely what it has read. On the way in the ending is taken off, so
//! that a handler compares the tags it made itself.

use actix_web::http::header::{
    ContentEncoding, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};

/// With the closing quote, so that nothing within a tag is taken for one.
const ENDINGS: [(&str, ContentEncoding); 3] = [
    ("--zstd\"", ContentEncoding::Zstd),
    ("--br\"", ContentEncoding::Brotli),
    ("--gzip\"", ContentEncoding::Gzip),
];

/// Takes the endings off the conditions of a request. Gives the coding of what the client has, if that is
/// compressed.
pub(super) fn strip_conditions(headers: &mut HeaderMap) -> Option<ContentEncoding> {
    strip(headers, &IF_MATCH);
    strip(headers, &IF_NONE_MATCH)
}

fn strip(headers: &mut HeaderMap, name: &HeaderName) -> Option<ContentEncoding> {
    if !headers.contains_key(name) {
        return None;
    }
    let mut stripped = None;
    let mut values = Vec::new();
    for value in headers.get_all(name) {
        let mut text = value.to_str().ok()?.to_owned();
        for (ending, coding) in ENDINGS {
            if text.contains(ending) {
                text = text.replace(ending, "\"");
                stripped = stripped.or(Some(coding));
            }
        }
        values.push(HeaderValue::from_str(&text).ok()?);
    }
    if stripped.is_some() {
        headers.remove(name);
        values.into_iter().for_each(|value| headers.append(name.clone(), value));
    }
    stripped
}

/// Names the bytes that the response has in this coding. A weak tag names the meaning, which stays.
pub(super) fn mark(headers: &mut HeaderMap, coding: ContentEncoding) {
    let ending = ENDINGS.iter().find(|(_, known)| *known == coding).map(|(ending, _)| *ending);
    let marked = headers.get(ETAG).zip(ending).and_then(|(tag, ending)| {
        let opaque = tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?;
        HeaderValue::from_str(&format!("\"{opaque}{ending}")).ok()
    });
    if let Some(marked) = marked {
        headers.insert(ETAG, marked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| headers.append(name.clone(), HeaderValue::from_static(value)));
        headers
    }

    #[test]
    fn what_is_marked_is_recognised() {
        for (tag, marked) in [
            ("\"a\"", "\"a--gzip\""),
            ("\"\"", "\"--gzip\""),
            ("W/\"a\"", "W/\"a\""),
            ("nonsense", "nonsense"),
        ] {
            let mut response = headers(ETAG, &[tag]);
            mark(&mut response, ContentEncoding::Gzip);
            assert_eq!(response.get(ETAG).unwrap(), marked);
            let mut request = HeaderMap::new();
            request.insert(IF_MATCH, response.get(ETAG).unwrap().clone());
            strip_conditions(&mut request);
            assert_eq!(request.get(IF_MATCH).unwrap(), tag);
        }
    }

    #[test]
    fn lists_keep_their_other_members() {
        let mut request = headers(IF_NONE_MATCH, &["\"a--br\", W/\"b--gzip\"", "\"c\", \"d--gzip-\""]);
        assert_eq!(strip_conditions(&mut request), Some(ContentEncoding::Brotli));
        let values: Vec<_> = request.get_all(IF_NONE_MATCH).collect();
        assert_eq!(values, ["\"a\", W/\"b\"", "\"c\", \"d--gzip-\""]);
        let mut untouched = headers(IF_NONE_MATCH, &["*"]);
        assert_eq!(strip_conditions(&mut untouched), None);
        assert_eq!(strip_conditions(&mut HeaderMap::new()), None);
    }
}
