//! What stands under a key in place of a value: the claim of who is bringing it, sealed as values are.

use super::frame::{Frames, hexadecimal};
use crate::{Tag, Token};

/// No claim lasts longer without being renewed, in milliseconds. What Redis would keep for longer is none of ours.
pub(super) const LONGEST_CLAIM: u64 = 60_000;

/// A claim that was written with our seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// A reader fetches the value.
    Reader,
    /// One or more writers change what the key stands for.
    Writers,
}

impl Frames {
    /// `r1 {token} {seal}` and the reader's tags, a line each, so that who renews it renews them.
    pub(super) fn seal_reader(&self, name: &str, claim: Token, tags: &[Tag]) -> String {
        let head = reader_head(claim);
        let tags: String = tags.iter().map(|tag| format!("\n{}", tag.as_str())).collect();
        let seal = self.sign(name, head.as_bytes(), tags.as_bytes());
        format!("{head}{seal:032x}{tags}")
    }

    /// `{token}{seal}`, which stands after `w1 ` or, of several writers, in `x1 {token}{seal}={until} …`.
    pub(super) fn seal_writer(&self, name: &str, write: Token) -> String {
        let token = format!("{write:016x}");
        let seal = self.sign(name, WRITER, token.as_bytes());
        format!("{token}{seal:032x}")
    }

    /// The claim that the bytes are; `None` for anything that was not written with our seal for this key.
    pub(super) fn claim(&self, name: &str, bytes: &[u8]) -> Option<Claim> {
        let (mark, rest) = bytes.split_at_checked(3)?;
        let is_writer = |writer: &[u8]| self.is_writer(name, writer).unwrap_or_default();
        match mark {
            READER => {
                let (head, rest) = bytes.split_at_checked(READER_HEAD)?;
                let (seal, tags) = rest.split_at_checked(32)?;
                (self.sign(name, head, tags) == hexadecimal(seal)?).then_some(Claim::Reader)
            }
            WRITER => is_writer(rest).then_some(Claim::Writers),
            // One of ours is enough: the others' time is over in a minute.
            b"x1 " => {
                let mut writers = rest.split(|byte| matches!(byte, b' ' | b'=')).step_by(2);
                writers.any(is_writer).then_some(Claim::Writers)
            }
            _ => None,
        }
    }

    fn is_writer(&self, name: &str, writer: &[u8]) -> Option<bool> {
        let (token, seal) = writer.split_at_checked(16)?;
        Some(self.sign(name, WRITER, token) == hexadecimal(seal)?)
    }
}

const READER: &[u8] = b"r1 ";
const WRITER: &[u8] = b"w1 ";
/// The length of `r1 {token} `.
const READER_HEAD: usize = 3 + 16 + 1;

/// How a reader's claim begins. Nobody else has its token.
pub(super) fn reader_head(claim: Token) -> String {
    format!("r1 {claim:016x} ")
}

/// The tags of a reader's claim.
pub(super) fn tags_of(claim: &[u8]) -> Vec<Tag> {
    let claim = String::from_utf8_lossy(claim);
    claim.lines().skip(1).filter_map(|tag| Tag::new(tag).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use palisade_core::{ManualClock, SeededRandom};
    use proptest::prelude::*;

    use super::*;
    use crate::SealKey;

    fn frames(seed: u64) -> Frames {
        Frames::new(SealKey::generate(&SeededRandom::new(seed)), Arc::new(ManualClock::default()))
    }

    fn token() -> Token {
        Token::from_number(7)
    }

    /// A claim of each kind.
    fn claims(frames: &Frames) -> [(String, Claim); 3] {
        let (tag, writer) = (Tag::new("t").unwrap(), frames.seal_writer("k", token()));
        [
            (frames.seal_reader("k", token(), &[tag]), Claim::Reader),
            (format!("w1 {writer}"), Claim::Writers),
            (format!("x1 0123456789abcdef=99 {writer}=99"), Claim::Writers),
        ]
    }

    #[test]
    fn a_claim_is_one_under_its_own_key_and_seal_alone() {
        let (ours, strangers) = (frames(1), frames(2));
        for (bytes, claim) in claims(&ours) {
            assert_eq!(ours.claim("k", bytes.as_bytes()), Some(claim), "{bytes}");
            assert_eq!(ours.claim("other", bytes.as_bytes()), None, "{bytes}");
            assert_eq!(strangers.claim("k", bytes.as_bytes()), None, "{bytes}");
        }
        assert_eq!(tags_of(claims(&ours)[0].0.as_bytes()), [Tag::new("t").unwrap()]);
    }

    proptest! {
        #[test]
        fn whatever_else_is_none(mark in "(r1|w1|x1|v1) ", bytes: Vec<u8>) {
            prop_assert_eq!(frames(1).claim("k", &bytes), None);
            prop_assert_eq!(frames(1).claim("k", &[mark.as_bytes(), &bytes].concat()), None);
        }

        #[test]
        fn one_changed_byte_or_a_cut_is_none(which in 0..2_usize, at: prop::sample::Index, change in 1..=255_u8) {
            let frames = frames(1);
            let claim = claims(&frames)[which].0.clone().into_bytes();
            let place = at.index(claim.len());
            let mut changed = claim.clone();
            changed[place] ^= change;
            prop_assert_eq!(frames.claim("k", &changed), None);
            prop_assert_eq!(frames.claim("k", &claim[..place]), None);
        }
    }
}
