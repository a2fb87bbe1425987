//! Recognises the error responses that actix-http writes by itself.
//!
//! When it cannot parse a request, actix-http writes a status line, `content-length: 0`, sometimes `connection`, and
//! `date`, without a body. No response of the application looks like this, because each of those has `x-request-id`.

use actix_http::StatusCode;

/// An error response of actix-http at the end of a write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ActixError {
    /// The index of its first byte.
    pub(crate) start: usize,
    /// Its status, 400 or above.
    pub(crate) status: StatusCode,
}

/// Upper bound of the size of such a response, in bytes.
const MAX_BYTES: usize = 256;
const HEADERS: [&[u8]; 3] = [b"content-length: 0", b"connection: ", b"date: "];

/// Finds an error response of actix-http at the very end of `bytes`.
pub(crate) fn find(bytes: &[u8]) -> Option<ActixError> {
    let window = bytes.len().saturating_sub(MAX_BYTES);
    let tail = bytes.get(window..)?;
    let start = tail.windows(PREFIX.len()).rposition(|part| part == PREFIX)?;
    let head = tail.get(start..)?.strip_suffix(b"\r\n\r\n")?;
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let status = status(lines.next()?)?;
    let only_known = lines.all(|line| HEADERS.iter().any(|known| line.starts_with(known)));
    only_known.then_some(ActixError { start: window + start, status })
}

const PREFIX: &[u8] = b"HTTP/1.";

/// Parses the status out of a line such as `HTTP/1.1 400 Bad Request`, if it is an error.
fn status(line: &[u8]) -> Option<StatusCode> {
    let code = line.strip_prefix(PREFIX)?.get(2..5)?;
    StatusCode::from_bytes(code).ok().filter(|status| status.as_u16() >= 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "date: Fri, 20 Nov 2026 14:00:00 GMT\r\n\r\n";

    #[test]
    fn an_error_response_is_found_behind_another_response() {
        let before = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: a\r\n\r\nhi";
        for (line, code) in [
            ("HTTP/1.1 400 Bad Request", 400),
            ("HTTP/1.0 431 Request Header Fields Too Large", 431),
            ("HTTP/1.1 500 Internal Server Error", 500),
        ] {
            for headers in ["content-length: 0\r\n", "content-length: 0\r\nconnection: close\r\n", ""] {
                let bytes = format!("{before}{line}\r\n{headers}{DATE}");
                let wanted = ActixError { start: before.len(), status: StatusCode::from_u16(code).unwrap() };
                assert_eq!(find(bytes.as_bytes()), Some(wanted), "{bytes}");
            }
        }
    }

    #[test]
    fn other_responses_are_not_recognised() {
        for bytes in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nx-request-id: a\r\ndate: x\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\ndate: x\r\n\r\nhello",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: x\r\n",
            "HTTP/1.",
        ] {
            assert_eq!(find(bytes.as_bytes()), None, "{bytes}");
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_do_not_panic(bytes: Vec<u8>) {
            find(&bytes);
        }
    }
}
