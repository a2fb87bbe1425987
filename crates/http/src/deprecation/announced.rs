//! The headers that announce a deprecation.

use actix_web::http::header::{HeaderValue, LINK};
use chrono::{NaiveDate, NaiveTime};

use super::{DEPRECATION, Deprecation, SUNSET};

/// A deprecation that makes no sense, with its route where one is known.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the deprecation{place} {problem}")]
pub struct InvalidDeprecation {
    place: String,
    problem: String,
}

impl InvalidDeprecation {
    #[cfg(feature = "openapi")]
    pub(super) fn of(method: &actix_web::http::Method, pattern: &str, problem: String) -> Self {
        Self { place: format!(" of {method} {pattern}"), problem }
    }
}

impl Deprecation {
    /// A route is deprecated since that day, stops being served on the day of `sunset`, and is replaced by what is at the
    /// address, or the path from the root, of `successor`.
    ///
    /// # Errors
    /// When its sunset comes first, or the successor is no address.
    pub fn new(
        since: NaiveDate,
        sunset: Option<NaiveDate>,
        successor: Option<&str>,
    ) -> Result<Self, InvalidDeprecation> {
        let successor = successor.map(|successor| absolute(successor, "")).transpose();
        successor
            .and_then(|successor| Self::announced(since, sunset, successor))
            .map_err(|problem| InvalidDeprecation { place: String::new(), problem })
    }

    pub(super) fn announced(
        since: NaiveDate,
        sunset: Option<NaiveDate>,
        successor: Option<String>,
    ) -> Result<Self, String> {
        if sunset.is_some_and(|sunset| sunset < since) {
            // RFC 9745 §4.
            return Err("has a sunset before its beginning".to_owned());
        }
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        // RFC 9745 §2 and RFC 8594 §3: a structured date in the one, an HTTP date in the other.
        let since_text = format!("@{}", midnight(since).timestamp());
        let sunset_text = sunset.map(|day| midnight(day).format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let link_text = successor.as_ref().map(|address| format!("<{address}>; rel=\"successor-version\""));
        let headers = [(DEPRECATION, Some(since_text)), (SUNSET, sunset_text), (LINK, link_text)];
        let headers = headers.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let headers = headers.map(|(name, text)| match HeaderValue::try_from(&text) {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(format!("cannot be told in a header: {text:?}")),
        });
        Ok(Self { since, sunset, successor, headers: headers.collect::<Result<_, _>>()? })
    }
}

/// The successor's address as a client can follow it.
pub(super) fn absolute(successor: &str, api_prefix: &str) -> Result<String, String> {
    // RFC 3986 §2: what stands between < and > in a link must not end it.
    let fits = |char: char| char.is_ascii_graphic() && !"<>\"\\^`".contains(char);
    if successor.is_empty() || !successor.chars().all(fits) {
        return Err(format!("has a successor that is no address: {successor:?}"));
    }
    let complete = ["/", "https://", "http://"].iter().any(|start| successor.starts_with(start));
    Ok(if complete { successor.to_owned() } else { format!("{api_prefix}/{successor}") })
}
