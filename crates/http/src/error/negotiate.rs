//! Which of the two forms of error body a request asks for.

use actix_web::http::header::{ACCEPT, HeaderMap};
use palisade_core::ErrorFormat;

use crate::accept::qualities;

/// Returns the form of error body that a request asks for: the one that `Accept` names, or `default`. Of two forms the
/// one with the higher quality counts, of equals the first; quality 0 means "not acceptable" (RFC 9110 §12.4.2). A
/// malformed `Accept` counts as absent.
#[must_use]
pub fn negotiate(default: ErrorFormat, headers: &HeaderMap) -> ErrorFormat {
    let mut named = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let Some(ranges) = value.to_str().ok().and_then(qualities) else { return default };
        named.extend(
            ranges
                .into_iter()
                .filter_map(|(range, quality)| Some((ErrorFormat::from_media_type(&range)?, quality))),
        );
    }
    let refused = |form| named.contains(&(form, 0)) && !named.iter().any(|(f, q)| *f == form && *q > 0);
    let best = named.iter().rev().filter(|(_, quality)| *quality > 0).max_by_key(|(_, quality)| *quality);
    match best {
        Some((form, _)) => *form,
        None if refused(default) && !refused(default.other()) => default.other(),
        None => default,
    }
}

#[cfg(test)]
mod tests {
    use ErrorFormat::{Envelope, Problem};
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn chosen(default: ErrorFormat, accept: &[&'static str]) -> ErrorFormat {
        let mut headers = HeaderMap::new();
        accept.iter().for_each(|text| headers.append(ACCEPT, HeaderValue::from_static(text)));
        negotiate(default, &headers)
    }

    #[test]
    fn what_is_named_wins_over_the_default() {
        for (accept, form) in [
            ("application/problem+json", Problem),
            ("application/json", Envelope),
            ("Application/Problem+JSON; charset=utf-8", Problem),
            ("text/html, application/problem+json;q=0.1", Problem),
            ("application/json;q=0.5, application/problem+json;q=0.6", Problem),
            ("application/json;q=0.7, application/problem+json;q=0.6", Envelope),
            ("application/json, application/problem+json", Envelope),
            ("application/problem+json, application/json", Problem),
            ("application/json;q=0, */*", Problem),
            ("application/problem+json;q=0, */*", Envelope),
        ] {
            assert_eq!(chosen(Envelope, &[accept]), form, "{accept}");
            assert_eq!(chosen(Problem, &[accept]), form, "{accept}");
        }
    }

    #[test]
    fn the_default_stands_where_accept_does_not_decide() {
        for accept in [
            "",
            "*/*",
            "text/html",
            "application/*",
            "application/json;q=0, application/problem+json;q=0",
            "application/problem+json;q=2, application/json",
            "application/json, application/problem+json;q=",
            "problem+json",
        ] {
            assert_eq!(chosen(Envelope, &[accept]), Envelope, "{accept}");
            assert_eq!(chosen(Problem, &[accept]), Problem, "{accept}");
        }
    }

    #[test]
    fn several_headers_are_one_list() {
        assert_eq!(chosen(Envelope, &["text/html", "application/problem+json"]), Problem);
    }
}
