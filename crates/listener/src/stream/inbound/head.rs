//! Finds the end of a request head, and rejects heads that are too large or have a fragment in their target.

use actix_http::StatusCode;

/// Maximum size of a request head, in bytes. Within it, no header name exceeds the 65,535 bytes and no request target the
/// 65,534 bytes that the crate `http` can hold; actix-http panics at a longer name.
pub(super) const MAX_BYTES: usize = 64 * 1_024;

/// Scanner state of a request head.
#[derive(Default)]
pub(super) struct Head {
    bytes: usize,
    /// Number of complete lines.
    lines: usize,
    /// The content of the incomplete line.
    line: Line,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Empty,
    CarriageReturn,
    Text,
}

/// The result of scanning a piece of a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    Incomplete,
    /// The head ends before this index of the piece.
    Complete(usize),
}

impl Head {
    /// Scans the next piece. Like actix-http's parser, it skips empty lines before the request line and accepts a bare line
    /// feed as the end of a line (RFC 9112 §2.2).
    ///
    /// # Errors
    /// 414 when the request line is over the limit, 431 when the headers are. 400 for a `#` in the request line: a request
    /// target has no fragment (RFC 9112 §3.2), and actix-http would cut it off silently.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Result<Scanned, StatusCode> {
        let mut start = 0;
        for at in memchr::memchr_iter(b'\n', bytes) {
            self.extend_line(bytes.get(start..at).unwrap_or_default())?;
            self.grow(at + 1 - start)?;
            start = at + 1;
            match self.line {
                Line::Text => self.lines += 1,
                Line::Empty | Line::CarriageReturn if self.lines == 0 => {}
                Line::Empty | Line::CarriageReturn => return Ok(Scanned::Complete(start)),
            }
            self.line = Line::Empty;
        }
        self.extend_line(bytes.get(start..).unwrap_or_default())?;
        self.grow(bytes.len() - start)?;
        Ok(Scanned::Incomplete)
    }

    fn extend_line(&mut self, piece: &[u8]) -> Result<(), StatusCode> {
        if self.lines == 0 && memchr::memchr(b'#', piece).is_some() {
            return Err(StatusCode::BAD_REQUEST);
        }
        self.line = match (self.line, piece) {
            (line, []) => line,
            (Line::Empty, b"\r") => Line::CarriageReturn,
            _ => Line::Text,
        };
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Result<(), StatusCode> {
        self.bytes = self.bytes.saturating_add(bytes);
        match (self.bytes > MAX_BYTES, self.lines) {
            (false, _) => Ok(()),
            (true, 0) => Err(StatusCode::URI_TOO_LONG),
            (true, _) => Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Scans `bytes`, cut at these indices.
    fn scan(bytes: &[u8], cuts: &[usize]) -> Result<Option<usize>, StatusCode> {
        let (mut head, mut start) = (Head::default(), 0);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.push(bytes.len());
        cuts.sort_unstable();
        for cut in cuts {
            if let Scanned::Complete(end) = head.scan(&bytes[start..cut])? {
                return Ok(Some(start + end));
            }
            start = cut;
        }
        Ok(None)
    }

    #[test]
    fn a_head_ends_with_its_first_empty_line() {
        for (text, end) in [
            ("GET / HTTP/1.1\r\nhost: a\r\n\r\nrest", Some(27)),
            ("GET / HTTP/1.1\nhost: a\n\nrest", Some(24)),
            ("\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", Some(23)),
            ("GET / HTTP/1.1\r\n\n", Some(17)),
            ("GET / HTTP/1.1\r\n\r\r\n", None),
            ("GET / HTTP/1.1\r\nhost: a\r\n\r", None),
            ("\r\n\r\n", None),
            ("", None),
        ] {
            for cut in 0..=text.len() {
                assert_eq!(scan(text.as_bytes(), &[cut]), Ok(end), "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn the_size_limit_does_not_depend_on_the_cuts() {
        let fill = |text: &str, length: usize| text.replace('*', &"x".repeat(length - text.len() + 1));
        for (text, status) in [
            ("GET /* HTTP/1.1\r\n\r\n", StatusCode::URI_TOO_LONG),
            ("GET / HTTP/1.1\r\n*: a\r\n\r\n", StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            ("GET / HTTP/1.1\r\na: *\r\n\r\n", StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        ] {
            for cut in [0, 1, 60_000, MAX_BYTES] {
                let fits = fill(text, MAX_BYTES);
                assert_eq!(scan(fits.as_bytes(), &[cut]), Ok(Some(MAX_BYTES)), "{text}");
                let (large, endless) = (fill(text, MAX_BYTES + 4), fill(text, 2 * MAX_BYTES));
                let rejected = |text: &str| scan(text.as_bytes(), &[cut]).unwrap_err();
                assert_eq!(
                    (rejected(&endless[..endless.len() - 30]), rejected(&endless)),
                    (status, rejected(&large))
                );
            }
        }
    }

    #[test]
    fn a_fragment_in_the_request_target_is_rejected_and_a_hash_in_headers_is_not() {
        for cut in 0..20 {
            for text in ["GET /a#b HTTP/1.1\r\n\r\n", "\r\nGET /#", "GET http://a.example/?b#c HTTP/1.1\r\n"]
            {
                assert_eq!(
                    scan(text.as_bytes(), &[cut]),
                    Err(StatusCode::BAD_REQUEST),
                    "{text:?} cut at {cut}"
                );
            }
            let text = "GET / HTTP/1.1\r\nx: a#b\r\n\r\n";
            assert_eq!(scan(text.as_bytes(), &[cut]), Ok(Some(text.len())));
        }
    }

    proptest! {
        #[test]
        fn the_result_does_not_depend_on_the_cuts(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a')], 0..40),
            cuts: Vec<usize>,
        ) {
            prop_assert_eq!(scan(&bytes, &cuts), scan(&bytes, &[]));
        }
    }
}
