//! When an upstream asks to be asked again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How long the upstream asks to be left alone (RFC 9110 §10.2.3): so many seconds, or until a date. `None` when it
/// does not say, or not in a way that can be read.
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    // All three forms that a date may have (RFC 9110 §5.6.7), and the mail format, which names other zones than GMT.
    let date = match httpdate::parse_http_date(text) {
        Ok(date) => DateTime::<Utc>::from(date),
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.to_utc(),
    };
    Some(date.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(text: &str) -> Option<Duration> {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:30Z").unwrap().to_utc();
        let value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
        retry_after(&[(RETRY_AFTER, value)].into_iter().collect(), now)
    }

    #[test]
    fn reads_seconds_and_dates() {
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sunday, 06-Nov-94 08:49:37 GMT"), Some(Duration::from_secs(7)), "RFC 850");
        assert_eq!(read("Sun Nov  6 08:49:37 1994"), Some(Duration::from_secs(7)), "asctime");
        assert_eq!(read("Sun, 06 Nov 1994 09:49:37 +0100"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO), "past");
        for text in ["", "-1", "1.5", "soon", "99999999999999999999999"] {
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
