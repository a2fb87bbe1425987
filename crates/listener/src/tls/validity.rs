//! Parses the validity period of a certificate, which rustls does not check on the server side.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The validity period of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

impl Validity {
    /// Parses it from a certificate in DER. `None` when the structure is not that of RFC 5280 §4.1.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = tagged(certificate, SEQUENCE)?;
        let (mut body, _) = tagged(certificate, SEQUENCE)?;
        if let Some((_, rest)) = tagged(body, VERSION) {
            body = rest;
        }
        for tag in [INTEGER, SEQUENCE, SEQUENCE] {
            // Serial number, signature algorithm, issuer.
            body = tagged(body, tag)?.1;
        }
        let (validity, _) = tagged(body, SEQUENCE)?;
        let (from, rest) = time(validity)?;
        let (until, _) = time(rest)?;
        Some(Self { from, until })
    }
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;

/// Parses a time; also returns the rest. A two-digit year means 1950 to 2049 (RFC 5280 §4.1.2.5.1).
fn time(bytes: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let (tag, value, rest) = element(bytes)?;
    let text = std::str::from_utf8(value).ok()?;
    let text = match tag {
        GENERALIZED_TIME => text.to_owned(),
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => return None,
    };
    let time = NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok()?;
    Some((time.and_utc(), rest))
}

/// Parses an element with this tag: its content and the rest.
fn tagged(bytes: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, value, rest) = element(bytes)?;
    (tag == wanted).then_some((value, rest))
}

/// Parses an element (X.690 §8.1): its tag, its content and the rest.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = match first {
        0..=0x7F => (usize::from(first), bytes),
        0x81..=0x84 => {
            let (length, bytes) = bytes.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), bytes)
        }
        _ => return None,
    };
    let (value, rest) = bytes.split_at_checked(length)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn both_time_formats_are_read() {
        for (from, until) in [(2024, 2026), (1999, 2049), (2020, 2051), (1975, 4096)] {
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            (params.not_before, params.not_after) = (date_time_ymd(from, 2, 3), date_time_ymd(until, 4, 5));
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let validity = Validity::of(certificate.der()).unwrap();
            assert_eq!(validity.from.to_rfc3339(), format!("{from}-02-03T00:00:00+00:00"));
            assert_eq!(validity.until.to_rfc3339(), format!("{until}-04-05T00:00:00+00:00"));
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_do_not_panic(bytes: Vec<u8>) {
            Validity::of(&bytes);
        }
    }
}
