//! The beginning of a body, kept while all of it passes.

use std::str;

use palisade_telemetry::Masker;

use super::{
    edge,
    media::{Kind, Media},
};
use crate::tee::Ending;

/// The first bytes of a body that will be shown, and how many there were.
#[derive(Debug)]
pub(super) struct Capture {
    media: Media,
    /// The most bytes that are kept.
    most: usize,
    kept: Vec<u8>,
    seen: u64,
    /// How long the body is, as far as its head tells.
    expected: Option<u64>,
}

/// A body as a line shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// The length of what has passed.
    pub(super) bytes: u64,
    /// Whether more has passed than could be shown.
    pub(super) truncated: bool,
}

impl Capture {
    pub(super) const fn new(media: Media, most: usize, expected: Option<u64>) -> Self {
        Self { media, most, kept: Vec::new(), seen: 0, expected }
    }

    pub(super) fn take(&mut self, chunk: &[u8]) {
        self.seen = self.seen.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if self.media.kind == Kind::Opaque {
            return;
        }
        let left = self.most.saturating_sub(self.kept.len());
        let wanted = chunk.get(..left).unwrap_or(chunk);
        self.make_room(wanted.len());
        self.kept.extend_from_slice(wanted);
    }

    /// Room that doubles, so that many small pieces cost no more than few, and ends at the limit.
    fn make_room(&mut self, bytes: usize) {
        let needed = self.kept.len() + bytes;
        if needed > self.kept.capacity() {
            let room = needed.max(self.kept.capacity() * 2).min(self.most);
            self.kept.reserve_exact(room - self.kept.len());
        }
    }

    /// Whether as much has passed as was announced.
    pub(super) fn is_whole(&self) -> bool {
        self.expected.is_some_and(|expected| self.seen >= expected)
    }

    pub(super) fn shown(&self, masker: &Masker, ending: Ending) -> Shown {
        let kept = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        let truncated = self.media.kind != Kind::Opaque && kept < self.seen;
        let text = match self.text(truncated || ending.is_early()) {
            _ if self.seen == 0 => Some(String::new()),
            Some(text) => self.media.kind.masked(masker, text),
            None => None,
        };
        match text {
            Some(text) => Shown { text, bytes: self.seen, truncated },
            None => {
                let text = format!("({}, {} bytes)", self.media.name, self.seen);
                Shown { text, bytes: self.seen, truncated: false }
            }
        }
    }

    /// What was kept, if it is text: of a part without what may be half of something.
    fn text(&self, is_part: bool) -> Option<&str> {
        let text = match str::from_utf8(&self.kept) {
            Ok(text) => text,
            // The rest of the last character is missing.
            Err(error) if is_part && error.error_len().is_none() => {
                str::from_utf8(self.kept.get(..error.valid_up_to())?).ok()?
            }
            Err(_) => return None,
        };
        // Text of two bytes a character would pass, and nothing in it be found.
        (!text.contains('\0')).then(|| if is_part { edge::whole_words(text) } else { text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(kind: Kind, most: usize) -> Capture {
        Capture::new(Media { kind, name: "a/b".to_owned() }, most, None)
    }

    fn shown(kind: Kind, most: usize, body: &[u8], ending: Ending) -> Shown {
        let mut capture = capture(kind, most);
        capture.take(body);
        capture.shown(&Masker::default(), ending)
    }

    #[test]
    fn no_more_is_held_than_is_shown_however_a_body_comes() {
        for (most, piece) in [(0, 7), (10, 1), (10, 1_000), (1_000, 3), (1_000, 999), (1_000, 65_536)] {
            let mut capture = capture(Kind::Text, most);
            for _ in 0..5_000_000 / piece.max(100) {
                capture.take(&vec![b'a'; piece]);
                assert!(capture.kept.capacity() <= most, "{most} {piece} {}", capture.kept.capacity());
            }
            assert!(capture.shown(&Masker::default(), Ending::Whole).text.len() <= most);
        }
        let mut opaque = capture(Kind::Opaque, 1_000);
        opaque.take(&[b'a'; 500]);
        assert_eq!((opaque.kept.capacity(), opaque.seen), (0, 500));
    }

    #[test]
    fn what_is_no_text_is_told_by_type_and_length() {
        for body in [&b"caf\xe9"[..], b"caf\xc3", b"p\0a\0s\0s\0"] {
            let shown = shown(Kind::Text, 100, body, Ending::Whole);
            assert_eq!(shown.text, format!("(a/b, {} bytes)", body.len()));
        }
        assert_eq!(shown(Kind::Opaque, 1, b"abc", Ending::Whole).text, "(a/b, 3 bytes)");
        assert_eq!(shown(Kind::Opaque, 1, b"", Ending::Whole).text, "");
    }

    #[test]
    fn a_cut_within_a_character_is_no_fault_of_the_text() {
        let shown = shown(Kind::Text, 9, "drei für 4".as_bytes(), Ending::Whole);
        assert_eq!(shown, Shown { text: "drei".to_owned(), bytes: 11, truncated: true });
    }

    #[test]
    fn what_broke_off_ends_at_a_word() {
        let shown = shown(Kind::Text, 100, b"to ulla@exam", Ending::Early);
        assert_eq!(shown, Shown { text: "to".to_owned(), bytes: 12, truncated: false });
    }
}
