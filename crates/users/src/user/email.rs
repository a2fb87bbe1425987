//! E-mail addresses.

use std::fmt;

use palisade_core::{FieldError, Parse};
use serde::Serialize;

/// An e-mail address in lower case, ASCII only.
///
/// It takes what mail systems of today deliver to: a dot-atom local part (RFC 5322 §3.2.3) and a domain name
/// of two labels or more (RFC 1035 §2.3.1, RFC 3696 §2); an international domain in its `xn--` form. Quoted
/// local parts, comments and address literals are refused: they are valid on paper, and in practice attacks.
/// RFC 5321 §2.4 lets a server tell local parts apart by case; none does, and two accounts that differ only
/// so would be two people behind one mailbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Longest address, in bytes: RFC 5321 §4.5.3.1.3 allows 256 with the angle brackets.
    pub const MAX_LENGTH: usize = 254;
    /// Longest part before the `@`, in bytes (RFC 5321 §4.5.3.1.1).
    const MAX_LOCAL: usize = 64;
    /// Longest label of a domain, in bytes (RFC 1035 §2.3.4).
    const MAX_LABEL: usize = 63;

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Parse for Email {
    fn parse(text: &str) -> Result<Self, FieldError> {
        if text.len() > Self::MAX_LENGTH {
            return Err(FieldError::unplaced("too_long", "must be at most 254 characters long"));
        }
        match text.split_once('@') {
            Some((local, domain)) if is_local(local) && is_domain(domain) => {
                Ok(Self(text.to_ascii_lowercase()))
            }
            _ => Err(FieldError::unplaced("invalid_email", "must be an e-mail address")),
        }
    }
}

palisade_core::parsed! { Email, "ann@example.com" }

fn is_local(text: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_byte);
    text.len() <= Email::MAX_LOCAL && text.split('.').all(is_atom)
}

/// The characters of an atom (RFC 5322 §3.2.3).
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    // RFC 3696 §2: a top-level domain is not all digits, so that no domain looks like an IPv4 address.
    let is_numeric = last.bytes().all(|byte| byte.is_ascii_digit());
    text.contains('.') && !is_numeric && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let length = 1..=Email::MAX_LABEL;
    length.contains(&text.len()) && text.bytes().all(safe) && !text.starts_with('-') && !text.ends_with('-')
}

/// Everything but the lengths of the part before the `@` and of the last label. The last label has a letter or a hyphen.
#[cfg(feature = "http")]
const PATTERN: &str = concat!(
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@",
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+",
    r"([0-9]*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?|[0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])$",
);

#[cfg(feature = "http")]
palisade_core::text_schema! {
    Email as "Email", 0..=Email::MAX_LENGTH, PATTERN,
    "An e-mail address in ASCII; it is kept and shown in lower case. At most 64 characters stand before the `@`, and 63 \
     between two dots behind it.",
    "ann@example.com", format "email",
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_addresses_that_people_have() {
        for text in [
            "a@b.co",
            "ann.lee+news@example.co.uk",
            "o'hara@example.com",
            "1@2.de",
            "ann@xn--bcher-kva.example",
            "ann@1and1.com",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "",
            "@",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann@@example.com",
            "a@b@example.com",
            ".ann@example.com",
            "ann.@example.com",
            "a..n@example.com",
            "an n@example.com",
            " ann@example.com",
            "ann@example.com ",
            "ann@example.com\r\nbcc: x@y.zz",
            "ann@-a.com",
            "ann@a-.com",
            "ann@.com",
            "ann@example.com.",
            "ann@127.0.0.1",
            "ann@[127.0.0.1]",
            "\"ann\"@example.com",
            "änn@example.com",
            "ann@bücher.example",
            "ann@exa_mple.com",
            "ann@\u{ff45}xample.com",
            "<ann@example.com>",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn holds_the_lengths_of_the_standard() {
        let address = |local: usize, label: usize, labels: usize| {
            format!("{}@{}com", "l".repeat(local), format!("{}.", "d".repeat(label)).repeat(labels))
        };
        assert!(Email::parse(&address(64, 63, 1)).is_ok());
        assert!(Email::parse(&address(65, 63, 1)).is_err());
        assert!(Email::parse(&address(64, 64, 1)).is_err());
        let longest = address(58, 63, 3);
        assert_eq!(longest.len(), 254);
        assert!(Email::parse(&longest).is_ok());
        assert!(Email::parse(&address(59, 63, 3)).is_err());
    }

    proptest! {
        #[test]
        fn a_taken_address_is_plain_and_stays_as_it_is(text in "\\PC{0,20}@\\PC{0,20}|[a-zA-Z.@+-]{1,30}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(email.as_str().bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert_eq!(&Email::parse(email.as_str()).unwrap(), &email);
            }
        }

        #[test]
        fn case_makes_no_other_address(text in "[a-z0-9]{1,10}@[a-z0-9]{1,10}\\.[a-z]{2,5}") {
            prop_assert_eq!(Email::parse(&text).unwrap(), Email::parse(&text.to_uppercase()).unwrap());
        }

        #[test]
        fn any_text_gives_a_verdict(text in ".*") {
            let _ = Email::parse(&text);
        }
    }
}
