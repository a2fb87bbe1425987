//! The `Authorization` header.

/// The longest header value that is looked at, in bytes: the longest token and its scheme.
const MAX_BYTES: usize = 8 * 1_024 + 16;

/// What the `Authorization` headers of a request say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Authorization<'a> {
    /// No header, or one of another scheme.
    Missing,
    /// A bearer token (RFC 6750 §2.1).
    Bearer(&'a str),
    /// Several headers, or one that is no bearer token though it says so. Guessing which part a proxy before
    /// us meant would be a way around it.
    Malformed,
}

impl<'a> Authorization<'a> {
    /// Reads the values of all `Authorization` headers of a request.
    pub(super) fn parse(mut values: impl Iterator<Item = &'a [u8]>) -> Self {
        let Some(value) = values.next() else { return Self::Missing };
        if values.next().is_some() || value.len() > MAX_BYTES {
            return Self::Malformed;
        }
        let Ok(value) = std::str::from_utf8(value) else { return Self::Malformed };
        // RFC 9110 §11.4: credentials = auth-scheme [ 1*SP ( token68 / … ) ]; the scheme in any case.
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Self::Missing;
        }
        let token = rest.trim_start_matches(' ');
        if is_token(token) { Self::Bearer(token) } else { Self::Malformed }
    }
}

/// RFC 6750 §2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    // Each request shows a few hundred bytes: all are looked at, so that the compiler can look at many at once.
    !body.is_empty() && body.bytes().fold(true, |fits, byte| fits & is_token_byte(byte))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse<'a>(values: &[&'a str]) -> Authorization<'a> {
        Authorization::parse(values.iter().map(|value| value.as_bytes()))
    }

    #[test]
    fn the_table_of_headers() {
        use Authorization::{Bearer, Malformed, Missing};
        let table: &[(&[&str], Authorization<'_>)] = &[
            (&[], Missing),
            (&[""], Missing),
            (&["Basic dXNlcjpwYXNz"], Missing),
            (&["Bearerabc"], Missing),
            (&["Bearer abc"], Bearer("abc")),
            (&["bEARER abc.def-_~+/=="], Bearer("abc.def-_~+/==")),
            (&["Bearer   abc"], Bearer("abc")),
            (&["Bearer"], Malformed),
            (&["Bearer "], Malformed),
            (&["Bearer ="], Malformed),
            (&["Bearer a b"], Malformed),
            (&["Bearer a,Bearer b"], Malformed),
            (&["Bearer a=b"], Malformed),
            (&["Bearer \u{e4}"], Malformed),
            (&["Bearer abc", "Bearer abc"], Malformed),
            (&["Bearer abc", "Basic abc"], Malformed),
        ];
        for (values, wanted) in table {
            assert_eq!(parse(values), *wanted, "{values:?}");
        }
    }

    #[test]
    fn an_endless_header_is_not_read() {
        assert_eq!(parse(&[&format!("Bearer {}", "a".repeat(MAX_BYTES))]), Authorization::Malformed);
        let longest = "a".repeat(8 * 1_024);
        assert_eq!(parse(&[&format!("Bearer {longest}")]), Authorization::Bearer(&longest));
    }

    proptest! {
        #[test]
        fn any_bytes_get_a_verdict_and_only_tokens_pass(value in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Authorization::Bearer(token) = Authorization::parse([value.as_slice()].into_iter()) {
                prop_assert!(is_token(token) && value.ends_with(token.as_bytes()));
            }
        }

        #[test]
        fn a_scheme_in_any_case_and_a_token_of_its_letters_pass(
            scheme in "[bB][eE][aA][rR][eE][rR]",
            token in "[A-Za-z0-9._~+/-]{1,80}={0,2}",
        ) {
            let value = format!("{scheme} {token}");
            prop_assert_eq!(parse(&[&value]), Authorization::Bearer(&token));
        }

        #[test]
        fn a_foreign_character_anywhere_spoils_it(
            before in "[a-z0-9]{0,20}",
            foreign in "[^A-Za-z0-9._~+/=-]",
            after in "[a-z0-9]{1,20}",
        ) {
            prop_assume!(!(before.is_empty() && foreign == " "));
            let value = format!("Bearer {before}{foreign}{after}");
            prop_assert_eq!(parse(&[&value]), Authorization::Malformed);
        }
    }
}
