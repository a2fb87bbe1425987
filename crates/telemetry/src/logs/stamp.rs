//! The moment at the start of a line.

use std::fmt::Write;

use chrono::{DateTime, Timelike, Utc};

/// Writes moments as RFC 3339 in UTC with milliseconds. Laying out a date costs more than the rest of a short
/// line, so the part down to the second is kept for the next one.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    second: i64,
    text: String,
}

impl Stamp {
    pub(super) fn write(&mut self, line: &mut String, now: DateTime<Utc>) {
        if self.second != now.timestamp() || self.text.is_empty() {
            self.second = now.timestamp();
            self.text.clear();
            let _ = write!(self.text, "{}", now.format("%Y-%m-%dT%H:%M:%S"));
        }
        line.push_str(&self.text);
        let millis = now.nanosecond() / 1_000_000 % 1_000;
        line.push('.');
        for digit in [millis / 100, millis / 10 % 10, millis % 10] {
            line.push(char::from_digit(digit, 10).unwrap_or('0'));
        }
        line.push('Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_rfc_3339_whether_the_second_is_known_or_new() {
        let mut stamp = Stamp::default();
        for text in ["2026-11-20T14:00:00.007Z", "2026-11-20T14:00:00.999Z", "2026-11-20T14:00:01.000Z"] {
            let mut line = String::new();
            stamp.write(&mut line, text.parse().unwrap());
            assert_eq!(line, text);
        }
    }
}
