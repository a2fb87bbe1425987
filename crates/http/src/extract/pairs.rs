//! `application/x-www-form-urlencoded` text (WHATWG URL §5.1), read strictly: an escape that is none, or bytes
//! that are no UTF-8, are an error and never replaced in silence.

use palisade_core::Error;

/// The decoded pairs of `text`; `what` names the text in the message.
pub(super) fn parse(text: &str, what: &str) -> Result<Vec<(String, String)>, Error> {
    let pairs: Option<Vec<_>> = text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    pairs.ok_or_else(|| Error::bad_request(format!("{what} has a broken percent-encoding")))
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Some((decoded(name)?, decoded(value)?))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    #[test]
    fn reads_pairs_as_browsers_write_them() {
        let read = parse("a=1&&b=x+y%2Bz&c&=d&", "It").unwrap();
        let wanted = [("a", "1"), ("b", "x y+z"), ("c", ""), ("", "d")];
        assert_eq!(read, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(parse("", "It").unwrap().is_empty());
    }

    #[test]
    fn refuses_broken_escapes() {
        for text in ["a=%", "a=%4", "a=%zz", "%+1=a", "a=%ff", "a=%c3%28", "a=%ed%a0%80"] {
            assert_eq!(parse(text, "It").unwrap_err().status(), 400, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_survives_its_encoding(pairs in prop::collection::vec((".*", ".*"), 0..5)) {
            let write = |(name, value): &(String, String)| format!("{}={}", encoded(name), encoded(value));
            let text = pairs.iter().map(write).collect::<Vec<_>>().join("&");
            let pairs: Vec<_> = pairs.into_iter().collect();
            prop_assert_eq!(parse(&text, "It").unwrap(), pairs);
        }

        #[test]
        fn any_text_gives_a_verdict(text in "[a&=+%0-9f\u{e9}]*") {
            let _ = parse(&text, "It");
        }
    }
}
