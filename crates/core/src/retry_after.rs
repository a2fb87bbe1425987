//! When somebody else asks to be asked again.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How long the value of a `Retry-After` header asks to wait (RFC 9110 §10.2.3): so many seconds, or until a date in any of the
/// three forms of §5.6.7, or in that of mail, which names other zones than GMT. `None` for what cannot be read.
#[must_use]
pub fn parse(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let date = match httpdate::parse_http_date(value) {
        Ok(date) => DateTime::<Utc>::from(date),
        Err(_) => DateTime::parse_from_rfc2822(value).ok()?.to_utc(),
    };
    Some(date.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Duration> {
        parse(text, DateTime::parse_from_rfc3339("1994-11-06T08:49:30Z").unwrap().to_utc())
    }

    #[test]
    fn reads_seconds_and_dates_in_all_their_forms() {
        assert_eq!(read(" 120 "), Some(Duration::from_secs(120)));
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 09:49:37 +0100",
        ] {
            assert_eq!(read(date), Some(Duration::from_secs(7)), "{date}");
        }
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO), "past");
        for text in ["", "-1", "+1", "1.5", "soon", "99999999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_a_verdict(text in ".*") {
            let _ = read(&text);
        }
    }
}
