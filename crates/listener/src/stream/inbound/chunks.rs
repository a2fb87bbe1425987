//! Finds the end of a chunked body (RFC 9112 §7.1).

/// Decoder state of a chunked body. It has the same states as actix-http's decoder (`h1/chunked.rs`), so that both find
/// the same end.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    #[default]
    Size,
    SizeRest(u64),
    Padding(u64),
    Extension(u64),
    SizeLf(u64),
    /// Inside a chunk, with this many bytes missing.
    Data(u64),
    DataCr,
    DataLf,
    Trailer,
    TrailerLf,
    EndCr,
    EndLf,
    Malformed,
}

/// How the body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    Malformed,
}

impl Chunks {
    /// Returns how many of these bytes belong to the body, and how it ended if it did.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Option<End>) {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            match *self {
                Self::EndLf if byte == b'\n' => return (bytes.len() - behind.len(), Some(End::Complete)),
                Self::Data(missing) => {
                    let length =
                        usize::try_from(missing).map_or(rest.len(), |missing| missing.min(rest.len()));
                    let missing = missing.saturating_sub(length as u64);
                    *self = if missing == 0 { Self::DataCr } else { Self::Data(missing) };
                    rest = rest.get(length..).unwrap_or_default();
                }
                state => {
                    *self = state.after(byte);
                    if *self == Self::Malformed {
                        return (bytes.len() - rest.len(), Some(End::Malformed));
                    }
                    rest = behind;
                }
            }
        }
        (bytes.len(), None)
    }

    /// The state after a byte that is not data.
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Size, _) => Self::with_digit(0, byte),
            (Self::SizeRest(size) | Self::Padding(size), b'\t' | b' ') => Self::Padding(size),
            (Self::SizeRest(size) | Self::Padding(size), b';') => Self::Extension(size),
            (Self::SizeRest(size) | Self::Padding(size) | Self::Extension(size), b'\r') => Self::SizeLf(size),
            (Self::SizeRest(size), _) => Self::with_digit(size, byte),
            (Self::Extension(_), 0x00..=0x08 | 0x0a..=0x1f | 0x7f) => Self::Malformed,
            (Self::Extension(size), _) => Self::Extension(size),
            (Self::SizeLf(0), b'\n') => Self::EndCr,
            (Self::SizeLf(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::TrailerLf, b'\n') => Self::EndCr,
            (Self::EndCr, b'\r') => Self::EndLf,
            (Self::EndCr | Self::Trailer, _) => Self::Trailer,
            _ => Self::Malformed,
        }
    }

    const fn with_digit(size: u64, byte: u8) -> Self {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Self::Malformed,
        };
        match size.checked_mul(16) {
            Some(size) => Self::SizeRest(size | digit as u64),
            None => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Decodes `bytes` in pieces of this size: the length of the body, and how it ended.
    fn end(bytes: &[u8], piece: usize) -> (usize, Option<End>) {
        let (mut chunks, mut start) = (Chunks::default(), 0);
        for piece in bytes.chunks(piece) {
            let (length, end) = chunks.take(piece);
            start += length;
            if end.is_some() {
                return (start, end);
            }
        }
        (start, None)
    }

    #[test]
    fn a_chunked_body_ends_after_its_trailers() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "1a;name=value\r\nabcdefghijklmnopqrstuvwxyz\r\n0  ;x\r\n\r\n",
            "2\r\n\r\n\r\n000\r\na: b\r\nc: d\r\n\r\n",
            "0\r\na\nb\r\n\r\n",
        ] {
            for piece in 1..=body.len() {
                let text = format!("{body}GET / HTTP/1.1\r\n\r\n");
                assert_eq!(
                    end(text.as_bytes(), piece),
                    (body.len(), Some(End::Complete)),
                    "{body:?} by {piece}"
                );
                let part = &body[..body.len() - 1];
                assert_eq!(end(part.as_bytes(), piece), (part.len(), None), "{part:?} by {piece}");
            }
        }
    }

    #[test]
    fn bytes_before_a_malformed_one_are_accepted() {
        for (good, bad) in [
            ("5\r\nhello", "XX0\r\n\r\n"),
            ("5", "\nhello\r\n0\r\n\r\n"),
            ("", "\r\n0\r\n\r\n"),
            ("", "-1\r\n"),
            ("ffffffffffffffff", "0\r\n\r\n"),
            ("5;a", "\0\r\n"),
        ] {
            let text = format!("{good}{bad}");
            for piece in 1..=text.len() {
                assert_eq!(
                    end(text.as_bytes(), piece),
                    (good.len(), Some(End::Malformed)),
                    "{text:?} by {piece}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn the_result_does_not_depend_on_the_cuts(text in "[0-2a\r\n; ]{0,40}", piece in 1_usize..9) {
            prop_assert_eq!(end(text.as_bytes(), piece), end(text.as_bytes(), usize::MAX));
        }
    }
}
