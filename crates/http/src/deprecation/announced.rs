//! The headers that announce a deprecation.

use actix_web::http::header::{HeaderValue, LINK};
use chrono::{NaiveDate, NaiveTime};

use super::{DEPRECATION, Deprecation, SUNSET};

/// A deprecation whose dates or successor cannot be announced.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the deprecation {problem}")]
pub struct InvalidDeprecation {
    problem: String,
}

impl InvalidDeprecation {
    /// What is wrong, as the end of a sentence about the deprecation: `has a sunset before its beginning`.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
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
        let successor = successor.map(absolute).transpose();
        let announced = successor.and_then(|successor| Self::announced(since, sunset, successor));
        announced.map_err(|problem| InvalidDeprecation { problem })
    }

    fn announced(
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
fn absolute(successor: &str) -> Result<String, String> {
    // RFC 3986 §2: what stands between < and > in a link must not end it.
    let fits = |char: char| char.is_ascii_graphic() && !"<>\"\\^`".contains(char);
    if successor.is_empty() || !successor.chars().all(fits) {
        return Err(format!("has a successor that is no address: {successor:?}"));
    }
    let complete = ["/", "https://", "http://"].iter().any(|start| successor.starts_with(start));
    Ok(if complete { successor.to_owned() } else { format!("/{successor}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(since: &str, sunset: Option<&str>, successor: Option<&str>) -> Vec<(String, String)> {
        let day = |text: &str| text.parse().unwrap();
        let found = Deprecation::new(day(since), sunset.map(day), successor).unwrap();
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        found.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    #[test]
    fn a_deprecation_becomes_the_headers_of_the_standards() {
        let expected = [
            ("deprecation", "@1795132800"),
            ("sunset", "Tue, 01 Jun 2027 00:00:00 GMT"),
            ("link", "</api/v1/auth/login>; rel=\"successor-version\""),
        ];
        let full = headers("2026-11-20", Some("2027-06-01"), Some("/api/v1/auth/login"));
        assert_eq!(full, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(headers("2026-11-20", None, None).len(), 1);
    }
}
