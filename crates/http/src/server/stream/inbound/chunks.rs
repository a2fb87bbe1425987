//! Where a chunked body ends (RFC 9112 §7.1).

/// A chunked body of which this much has arrived. It goes through the same states as actix-http's decoder
/// (`h1/chunked.rs`), so that both find the same end. What that one refuses ends the connection, so it is no longer
/// looked at.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    #[default]
    Size,
    SizeRest(u64),
    Padding(u64),
    Extension(u64),
    SizeLf(u64),
    /// So many bytes of the chunk are missing.
    Data(u64),
    DataCr,
    DataLf,
    Trailer,
    TrailerLf,
    EndCr,
    EndLf,
    Broken,
}

impl Chunks {
    /// How many of these bytes belong to the body, and whether it is complete with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            match *self {
                Self::Broken => return (bytes.len(), false),
                Self::EndLf if byte == b'\n' => return (bytes.len() - behind.len(), true),
                Self::Data(missing) => {
                    let length = usize::try_from(missing).map_or(rest.len(), |missing| missing.min(rest.len()));
                    let missing = missing.saturating_sub(length as u64);
                    *self = if missing == 0 { Self::DataCr } else { Self::Data(missing) };
                    rest = rest.get(length..).unwrap_or_default();
                }
                state => {
                    *self = state.after(byte);
                    rest = behind;
                }
            }
        }
        (bytes.len(), false)
    }

    /// The state after a byte that is not data.
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Size, _) => Self::with_digit(0, byte),
            (Self::SizeRest(size) | Self::Padding(size), b'\t' | b' ') => Self::Padding(size),
            (Self::SizeRest(size) | Self::Padding(size), b';') => Self::Extension(size),
            (Self::SizeRest(size) | Self::Padding(size) | Self::Extension(size), b'\r') => Self::SizeLf(size),
            (Self::SizeRest(size), _) => Self::with_digit(size, byte),
            (Self::Extension(_), 0x00..=0x08 | 0x0a..=0x1f | 0x7f) => Self::Broken,
            (Self::Extension(size), _) => Self::Extension(size),
            (Self::SizeLf(0), b'\n') => Self::EndCr,
            (Self::SizeLf(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::TrailerLf, b'\n') => Self::EndCr,
            (Self::EndCr, b'\r') => Self::EndLf,
            (Self::EndCr | Self::Trailer, _) => Self::Trailer,
            _ => Self::Broken,
        }
    }

    const fn with_digit(size: u64, byte: u8) -> Self {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Self::Broken,
        };
        match size.checked_mul(16) {
            Some(size) => Self::SizeRest(size | digit as u64),
            None => Self::Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where the body ends, taken in pieces of this size.
    fn end(bytes: &[u8], piece: usize) -> Option<usize> {
        let (mut chunks, mut start) = (Chunks::default(), 0);
        for piece in bytes.chunks(piece) {
            let (length, is_complete) = chunks.take(piece);
            start += length;
            if is_complete {
                return Some(start);
            }
        }
        None
    }

    #[test]
    fn a_chunked_body_ends_behind_its_trailers() {
        for (body, ends) in [
            ("0\r\n\r\n", true),
            ("5\r\nhello\r\n0\r\n\r\n", true),
            ("1a;name=value\r\nabcdefghijklmnopqrstuvwxyz\r\n0  ;x\r\n\r\n", true),
            ("2\r\n\r\n\r\n000\r\na: b\r\nc: d\r\n\r\n", true),
            ("0\r\na\nb\r\n\r\n", true),
            ("5\r\nhelloXX0\r\n\r\n", false),
            ("5\nhello\r\n0\r\n\r\n", false),
            ("\r\n0\r\n\r\n", false),
            ("ffffffffffffffff0\r\n\r\n", false),
            ("0\r\n\r", false),
        ] {
            for piece in 1..=body.len() {
                let text = format!("{body}GET / HTTP/1.1\r\n\r\n");
                assert_eq!(end(text.as_bytes(), piece), ends.then_some(body.len()), "{body:?} by {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn cutting_changes_nothing(text in "[0-2a\r\n; ]{0,40}", piece in 1_usize..9) {
            prop_assert_eq!(end(text.as_bytes(), piece), end(text.as_bytes(), usize::MAX));
        }
    }
}
