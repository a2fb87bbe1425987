//! What `Accept-Encoding` asks for (RFC 9110 §12.5.3).

use actix_web::http::header::{ACCEPT_ENCODING, ContentEncoding, HeaderMap};

/// How a response is to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// As it is.
    Identity,
    /// In this coding, where that is worth it.
    Coding(ContentEncoding),
    /// In this coding, however small: as it is, it is not wanted.
    Only(ContentEncoding),
    /// In no way we know.
    Nothing,
}

/// What we write, the best first where a client does not mind: the cheaper one to make.
const OFFERED: [(&str, ContentEncoding); 3] =
    [("zstd", ContentEncoding::Zstd), ("br", ContentEncoding::Brotli), ("gzip", ContentEncoding::Gzip)];

/// Who takes `*` takes what everybody knows.
const ANY: usize = 2;

impl Choice {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(ACCEPT_ENCODING) {
            return Self::Identity;
        }
        let mut weights = Weights::default();
        for value in headers.get_all(ACCEPT_ENCODING) {
            value.as_bytes().split(|byte| *byte == b',').for_each(|item| weights.read(item));
        }
        weights.choose()
    }
}

/// The weight of each coding in thousandths, as far as it is named.
#[derive(Default)]
struct Weights {
    offered: [Option<u16>; OFFERED.len()],
    identity: Option<u16>,
    any: Option<u16>,
}

impl Weights {
    fn read(&mut self, item: &[u8]) {
        let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let weight = parts.next().map_or(Some(ONE), weight).filter(|_| parts.next().is_none());
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let known = OFFERED.iter().position(|(known, _)| is(known)).or_else(|| is("x-gzip").then_some(2));
        let place = match known {
            Some(index) => self.offered.get_mut(index),
            None if is("identity") => Some(&mut self.identity),
            None if name == b"*" => Some(&mut self.any),
            None => None,
        };
        if let Some(place) = place {
            // A weight that cannot be read asks for nothing.
            *place = Some(weight.unwrap_or(0));
        }
    }

    fn choose(self) -> Choice {
        let weights = self.offered.iter().enumerate().map(|(index, weight)| {
            let unnamed = if index == ANY { self.any } else { None };
            weight.or(unnamed).unwrap_or(0)
        });
        let mut best = None;
        for (weight, (_, coding)) in weights.zip(OFFERED) {
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, coding));
            }
        }
        // It need not be named to be taken.
        let identity_refused = self.identity.or(self.any.filter(|weight| *weight == 0)) == Some(0);
        match best {
            Some((_, coding)) if identity_refused => Choice::Only(coding),
            Some((weight, coding)) if self.identity.is_none_or(|identity| weight >= identity) => {
                Choice::Coding(coding)
            }
            None if identity_refused => Choice::Nothing,
            _ => Choice::Identity,
        }
    }
}

const ONE: u16 = 1_000;

/// `q=0.5` in thousandths (RFC 9110 §12.4.2).
fn weight(text: &[u8]) -> Option<u16> {
    let number = text.strip_prefix(b"q=").or_else(|| text.strip_prefix(b"Q="))?;
    let (whole, fraction) = match number {
        [whole] => (*whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (*whole, fraction),
        _ => return None,
    };
    let thousandths = [100, 10, 1].iter().zip(fraction).try_fold(0, |sum, (place, digit)| {
        digit.is_ascii_digit().then(|| sum + place * u16::from(digit - b'0'))
    })?;
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(ONE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn choice(values: &[&'static str]) -> Choice {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value)));
        Choice::of(&headers)
    }

    #[test]
    fn the_heaviest_wins_and_ours_among_equals() {
        use ContentEncoding::{Brotli, Gzip, Zstd};
        for (value, wanted) in [
            ("gzip", Choice::Coding(Gzip)),
            ("x-gzip", Choice::Coding(Gzip)),
            ("GZIP ; q=1.000", Choice::Coding(Gzip)),
            ("gzip, deflate, br, zstd", Choice::Coding(Zstd)),
            ("gzip, br", Choice::Coding(Brotli)),
            ("br;q=0.1, gzip;q=0.25", Choice::Coding(Gzip)),
            ("*", Choice::Coding(Gzip)),
            ("*;q=0.1, br", Choice::Coding(Brotli)),
            ("gzip;q=0.5, identity;q=0.5", Choice::Coding(Gzip)),
            ("gzip;q=0.4, identity;q=0.5", Choice::Identity),
            ("gzip, identity;q=0", Choice::Only(Gzip)),
            ("gzip, *;q=0", Choice::Only(Gzip)),
            ("identity, *;q=0", Choice::Identity),
            ("identity;q=0.1, *;q=0", Choice::Identity),
            ("gzip;q=0", Choice::Identity),
            ("gzip;q=0, *", Choice::Identity),
            ("", Choice::Identity),
            ("deflate, compress", Choice::Identity),
            ("identity;q=0", Choice::Nothing),
            ("*;q=0", Choice::Nothing),
            ("*;q=0.000, gzip;q=0", Choice::Nothing),
            ("gzip;q=2", Choice::Identity),
            ("gzip;q=0.1234", Choice::Identity),
            ("gzip;q=a", Choice::Identity),
            ("gzip;level=1", Choice::Identity),
            ("gzip;q=1;x=y", Choice::Identity),
            (",, ;;, gzip,", Choice::Coding(Gzip)),
        ] {
            assert_eq!(choice(&[value]), wanted, "{value}");
        }
        assert_eq!(choice(&[]), Choice::Identity);
        assert_eq!(choice(&["gzip;q=0.5", "br"]), Choice::Coding(Brotli));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_a_verdict(bytes in "[gzipbr*;q=0-9., \t]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(&bytes).unwrap());
            let _ = Choice::of(&headers);
        }
    }
}
