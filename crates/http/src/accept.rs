//! Reading `Accept` (RFC 9110 §12.5.1).

use actix_web::http::header::{ACCEPT, HeaderMap};

/// Whether the request prefers a page for people over JSON, as browsers do: `Accept` names `text/html`, and no JSON form
/// of higher quality, or of the same quality before it. `*/*`, which programs send by default, names no page.
///
/// ```
/// use actix_web::test::TestRequest;
/// use palisade_http::accept::prefers_html;
///
/// let browser = TestRequest::default().insert_header(("accept", "text/html,*/*;q=0.8")).to_http_request();
/// assert!(prefers_html(browser.headers()));
/// ```
#[must_use]
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let mut named = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let Some(ranges) = value.to_str().ok().and_then(qualities) else { return false };
        named.extend(ranges.into_iter().filter(|(range, quality)| *quality > 0 && FORMS.contains(&&**range)));
    }
    // The last of the greatest, so of equals the first that is named.
    let best = named.iter().rev().max_by_key(|(_, quality)| *quality);
    best.is_some_and(|(range, _)| range == HTML)
}

const HTML: &str = "text/html";
const FORMS: [&str; 3] = [HTML, "application/json", "application/problem+json"];

/// The media ranges of an `Accept` value in lower case without parameters, each with its quality in
/// thousandths; `None` when the value is malformed.
pub(crate) fn qualities(text: &str) -> Option<Vec<(String, u16)>> {
    let mut ranges = Vec::new();
    let mut rest = text;
    loop {
        let (element, tail) = split_outside_quotes(rest, ',')?;
        // Empty elements are allowed and mean nothing (§5.6.1.2).
        if !element.trim_matches(blank).is_empty() {
            ranges.push(range(element)?);
        }
        match tail {
            Some(tail) => rest = tail,
            None => return Some(ranges),
        }
    }
}

fn range(element: &str) -> Option<(String, u16)> {
    let (name, mut rest) = split_outside_quotes(element, ';')?;
    let name = name.trim_matches(blank);
    let (kind, subkind) = name.split_once('/')?;
    if !is_token(kind) || !is_token(subkind) {
        return None;
    }
    let mut quality = 1_000;
    while let Some(parameters) = rest {
        let (parameter, tail) = split_outside_quotes(parameters, ';')?;
        if let Some(found) = parameter_quality(parameter.trim_matches(blank))? {
            quality = found;
        }
        rest = tail;
    }
    Some((name.to_ascii_lowercase(), quality))
}

/// The quality that a parameter gives, if it is the one that does; `None` when it is malformed.
fn parameter_quality(parameter: &str) -> Option<Option<u16>> {
    if parameter.is_empty() {
        return Some(None);
    }
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, "1"));
    if !is_token(name) || !(is_token(value) || is_quoted(value)) {
        return None;
    }
    if name.eq_ignore_ascii_case("q") { thousandths(value).map(Some) } else { Some(None) }
}

/// A `qvalue` (§12.4.2): 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

/// The text before the first `separator` that is not within quotes, and the text after it; `None` when a
/// quote is left open.
fn split_outside_quotes(text: &str, separator: char) -> Option<(&str, Option<&str>)> {
    let (mut quoted, mut escaped) = (false, false);
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => {
                return Some((text.get(..index)?, text.get(index + 1..)));
            }
            _ => {}
        }
    }
    (!quoted).then_some((text, None))
}

fn blank(character: char) -> bool {
    character == ' ' || character == '\t'
}

fn is_quoted(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('"') && text.ends_with('"')
}

/// A `token` (§5.6.2).
fn is_token(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn prefers_html(accept: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        super::prefers_html(&headers)
    }

    #[test]
    fn browsers_get_pages_and_programs_json() {
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "Text/HTML",
            "text/html, application/json",
            "application/json;q=0.5, text/html;q=0.6",
        ] {
            assert!(prefers_html(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/*",
            "application/json",
            "application/json, text/html",
            "application/problem+json, text/html;q=0.9",
            "text/html;q=0",
            "text/html;q=2",
            "application/json, text/plain, */*",
        ] {
            assert!(!prefers_html(accept), "{accept}");
        }
        assert!(!super::prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn reads_the_example_of_the_standard() {
        let read = qualities("text/*;q=0.3, text/plain;format=flowed, */*;q=0.5,,").unwrap();
        let wanted = [("text/*", 300), ("text/plain", 1_000), ("*/*", 500)];
        assert_eq!(read, wanted.map(|(range, quality)| (range.to_owned(), quality)));
    }

    #[test]
    fn separators_within_quotes_separate_nothing() {
        assert_eq!(qualities(r#"a/b;c="x,\";q=0";q=0.2"#).unwrap(), [("a/b".to_owned(), 200)]);
        assert_eq!(qualities(r#"a/b;c="x"#), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_verdict(text in ".*") {
            let _ = qualities(&text);
        }

        #[test]
        fn what_is_written_is_read(
            ranges in prop::collection::vec(("[a-z]{1,8}/[a-z+.]{1,8}", 0u16..=1_000), 0..6)
        ) {
            let write = |(range, quality): &(String, u16)| {
                format!("{range};q={}.{:03}", quality / 1_000, quality % 1_000)
            };
            let text = ranges.iter().map(write).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(qualities(&text).unwrap(), ranges);
        }
    }
}
