//! Entity tags and the conditions made of them (RFC 9110 §8.8.3, §13.1).
//!
//! ```
//! use palisade_http::etag::{Condition, ETag};
//!
//! let tag = ETag::of(b"version 1");
//! let sent: Condition = format!("\"other\", {tag}").parse().unwrap();
//! assert!(sent.matches_strongly(&tag));
//! ```

mod condition;

use std::{fmt, str::FromStr};

use actix_web::http::header::{ETAG, HeaderName, HeaderValue, InvalidHeaderValue, TryIntoHeaderPair};

pub use condition::Condition;

/// The name of one state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag {
    opaque: String,
    weak: bool,
}

/// Text that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed entity tag")]
pub struct Malformed;

impl ETag {
    /// A strong tag made from the content itself, or from whatever changes whenever the content does, such
    /// as a version. The same bytes give the same tag in every process and release.
    #[must_use]
    pub fn of(content: impl AsRef<[u8]>) -> Self {
        Self { opaque: format!("{:032x}", fnv1a(content.as_ref())), weak: false }
    }

    /// The same tag, promising only that the content means the same (RFC 9110 §8.8.1).
    #[must_use]
    pub fn weakened(self) -> Self {
        Self { weak: true, ..self }
    }

    /// Whether both name the same bytes: both strong and equal (§8.8.3.2).
    #[must_use]
    pub fn same_bytes(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Whether both name the same meaning: equal but for weakness (§8.8.3.2).
    #[must_use]
    pub fn same_meaning(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

impl FromStr for ETag {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).ok_or(Malformed)?;
        // `etagc`: any visible character but the quote, and bytes beyond ASCII.
        if !opaque.chars().all(|c| c == '!' || ('#'..='~').contains(&c) || !c.is_ascii()) {
            return Err(Malformed);
        }
        Ok(Self { opaque: opaque.to_owned(), weak })
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// An `ETag` header, for `insert_header`.
impl TryIntoHeaderPair for ETag {
    type Error = InvalidHeaderValue;

    fn try_into_pair(self) -> Result<(HeaderName, HeaderValue), Self::Error> {
        Ok((ETAG, HeaderValue::from_str(&self.to_string())?))
    }
}

/// FNV-1a with 128 bits (draft-eastlake-fnv): stable, and wide enough that two states of one resource do not
/// meet. A tag is no secret and no proof, so it need not withstand an attacker.
fn fnv1a(bytes: &[u8]) -> u128 {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn compares_as_the_table_of_the_standard_says() {
        // RFC 9110 §8.8.3.2, the four rows: strong, weak.
        for (a, b, bytes, meaning) in [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
        ] {
            let (a, b): (ETag, ETag) = (a.parse().unwrap(), b.parse().unwrap());
            assert_eq!((a.same_bytes(&b), a.same_meaning(&b)), (bytes, meaning), "{a} {b}");
        }
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv1a(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    proptest! {
        #[test]
        fn every_tag_survives_its_text(opaque in "[!#-~é]{0,40}", weak: bool) {
            let tag = ETag { opaque, weak };
            prop_assert_eq!(tag.to_string().parse(), Ok(tag));
        }

        #[test]
        fn any_text_gives_a_verdict(text in ".*") {
            if let Ok(tag) = text.parse::<ETag>() {
                prop_assert_eq!(tag.to_string(), text);
            }
        }

        #[test]
        fn different_content_has_different_tags(a: Vec<u8>, b: Vec<u8>) {
            prop_assert_eq!(ETag::of(&a) == ETag::of(&b), a == b);
        }
    }
}
