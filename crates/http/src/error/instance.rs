//! The address a failure happened at.

use std::fmt::Write;

/// The path of a request as a URI reference that is safe to show (RFC 3986 §3.3): every byte that has no
/// place in a path is percent-encoded. A path that begins with `//` would read as the name of another host
/// (§4.2), so it is led by `/.`.
#[must_use]
pub fn instance(path: &str) -> String {
    let mut shown = String::with_capacity(path.len() + 2);
    if path.starts_with("//") {
        shown.push_str("/.");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte) {
            shown.push(char::from(byte));
        } else {
            let _ = write!(shown, "%{byte:02X}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_a_path_and_nothing_else() {
        assert_eq!(instance("/api/v1/users/a%20b"), "/api/v1/users/a%20b");
        assert_eq!(instance("/<script>\"é"), "/%3Cscript%3E%22%C3%A9");
        assert_eq!(instance("//evil.example/x"), "/.//evil.example/x");
    }

    proptest! {
        #[test]
        fn is_harmless_in_html_json_and_logs(path in ".*") {
            let harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\{}|^`?#".contains(&byte);
            prop_assert!(instance(&path).bytes().all(harmless));
        }
    }
}
