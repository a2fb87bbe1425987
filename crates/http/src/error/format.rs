//! Which of the two forms an error body takes.

use actix_web::http::header::{ACCEPT, HeaderMap};
use serde::{Deserialize, Serialize};

use crate::accept::qualities;

/// The form of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ErrorFormat {
    /// `{"error": {…}}` as `application/json`.
    #[default]
    Envelope,
    /// RFC 9457 as `application/problem+json`.
    Problem,
}

impl ErrorFormat {
    /// The media type of the form.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Envelope => "application/json",
            Self::Problem => "application/problem+json",
        }
    }

    /// The form that a request asks for: `Accept` decides where it names one of the two media types, otherwise
    /// this one stands. Of two that are named the heavier one counts, of equals the first; quality 0 means "not
    /// acceptable" (RFC 9110 §12.4.2). A malformed `Accept` asks for nothing.
    #[must_use]
    pub fn negotiate(self, headers: &HeaderMap) -> Self {
        let mut named = Vec::new();
        for value in headers.get_all(ACCEPT) {
            let Some(ranges) = value.to_str().ok().and_then(qualities) else { return self };
            named
                .extend(ranges.into_iter().filter_map(|(range, quality)| Some((Self::of(&range)?, quality))));
        }
        let refused = |form| named.contains(&(form, 0)) && !named.iter().any(|(f, q)| *f == form && *q > 0);
        let best = named.iter().rev().filter(|(_, quality)| *quality > 0).max_by_key(|(_, quality)| *quality);
        match best {
            Some((form, _)) => *form,
            None if refused(self) && !refused(self.other()) => self.other(),
            None => self,
        }
    }

    fn of(media_type: &str) -> Option<Self> {
        [Self::Envelope, Self::Problem].into_iter().find(|form| form.media_type() == media_type)
    }

    const fn other(self) -> Self {
        match self {
            Self::Envelope => Self::Problem,
            Self::Problem => Self::Envelope,
        }
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
        default.negotiate(&headers)
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
