//! How a value stands in Redis: sealed, so that nothing else is taken for one.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::hmac::{self, Context, HMAC_SHA256};
use bytes::Bytes;
use palisade_core::{Clock, Random, Secret};

use super::millis;
use crate::{Entry, Hit, Token};

/// Begins every value; the next form of frames has another.
pub(super) const MARK: &[u8] = b"v1 ";

/// The key under which values are sealed. All processes that share a cache have the same; Redis has it not.
#[derive(Clone)]
pub struct SealKey(hmac::Key);

impl SealKey {
    /// A key derived from a secret that serves another purpose too.
    #[must_use]
    pub fn derive(secret: &Secret) -> Self {
        let secret = hmac::Key::new(HMAC_SHA256, secret.expose().as_bytes());
        let derived = hmac::sign(&secret, b"palisade cache seal 1");
        Self(hmac::Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// A key that no other process has, for a cache that is not shared.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, &random.bytes::<32>()))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

/// The bytes are no value of this key, or not any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Poisoned;

/// Writes and reads frames: a head of 89 bytes, and the value as it is.
///
/// The head is `v1 {version} {expires} {ttl} {seal}` and a line feed, all numbers in hexadecimal: 16 digits each for the
/// version, for the milliseconds since the Unix epoch at which it expires and for those it was to live, and 32 for the
/// seal: the first 128 bits of the HMAC over the key's name, the rest of the head and the value.
pub(super) struct Frames {
    seal: SealKey,
    clock: Arc<dyn Clock>,
}

/// Where the parts of a head end.
const SIGNED: usize = MARK.len() + 3 * 17;
const HEAD: usize = SIGNED + 33;

impl Frames {
    pub(super) fn new(seal: SealKey, clock: Arc<dyn Clock>) -> Self {
        Self { seal, clock }
    }

    pub(super) fn seal(&self, name: &str, entry: &Entry) -> Vec<u8> {
        let ttl = millis(entry.ttl.duration());
        let expires = self.now().saturating_add(ttl);
        let mut frame = Vec::with_capacity(HEAD + entry.value.len());
        frame.extend_from_slice(format!("v1 {:016x} {expires:016x} {ttl:016x} ", entry.version).as_bytes());
        let seal = self.sign(name, &frame, &entry.value);
        frame.extend_from_slice(format!("{seal:032x}\n").as_bytes());
        frame.extend_from_slice(&entry.value);
        frame
    }

    /// The value, unless it has expired by the clock of this process.
    pub(super) fn open(&self, name: &str, frame: &Bytes) -> Result<Option<Hit>, Poisoned> {
        let (head, value) = frame.split_at_checked(HEAD).ok_or(Poisoned)?;
        let (signed, seal) = head.split_at_checked(SIGNED).ok_or(Poisoned)?;
        let seal = seal.strip_suffix(b"\n").and_then(hexadecimal).ok_or(Poisoned)?;
        // Both are 128 bits in registers: no comparison byte by byte that time would tell of.
        if self.sign(name, signed, value) != seal {
            return Err(Poisoned);
        }
        let numbers = signed.strip_prefix(MARK).ok_or(Poisoned)?;
        let mut numbers = numbers.split(|byte| *byte == b' ').map(hexadecimal);
        let mut number = || numbers.next().flatten().and_then(|number| u64::try_from(number).ok());
        let (version, expires, ttl) = (number(), number(), number());
        let (Some(version), Some(expires), Some(ttl)) = (version, expires, ttl) else { return Err(Poisoned) };
        // Of clocks that disagree, no value lives longer than it was to.
        let left = expires.saturating_sub(self.now()).min(ttl);
        Ok((left > 0).then(|| Hit {
            value: frame.slice(HEAD..),
            version: Token::from_number(version),
            ttl: Duration::from_millis(ttl),
            left: Duration::from_millis(left),
        }))
    }

    /// The seal of what stands under a key: of a head, and of what follows it.
    pub(super) fn sign(&self, name: &str, head: &[u8], value: &[u8]) -> u128 {
        let mut context = Context::with_key(&self.seal.0);
        // With its length before it, so that no name can run into the head.
        context.update(&(name.len() as u64).to_le_bytes());
        context.update(name.as_bytes());
        context.update(head);
        context.update(value);
        let mut seal = [0; 16];
        for (byte, signed) in seal.iter_mut().zip(context.sign().as_ref()) {
            *byte = *signed;
        }
        u128::from_be_bytes(seal)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default()
    }
}

/// Only as it is written here: no sign, no capitals.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u128> {
    digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')).then_some(())?;
    u128::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use palisade_core::{ManualClock, SeededRandom};
    use proptest::prelude::*;

    use super::*;
    use crate::{CacheKey, Ttl};

    fn frames(seed: u64) -> (Frames, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (Frames::new(SealKey::generate(&SeededRandom::new(seed)), clock.clone()), clock)
    }

    fn entry(value: &[u8]) -> Entry {
        Entry {
            key: CacheKey::new("users:1").unwrap(),
            value: value.to_vec().into(),
            ttl: Ttl::from_seconds(60).unwrap(),
            tags: Vec::new(),
            version: Token::new(&SeededRandom::new(7)),
        }
    }

    #[test]
    fn a_value_comes_back_with_the_time_it_has_left() {
        let (frames, clock) = frames(1);
        let frame = Bytes::from(frames.seal("cache:users:1", &entry(b"ann")));
        assert_eq!(frame.len(), HEAD + 3);
        clock.advance(Duration::from_secs(20));
        let hit = frames.open("cache:users:1", &frame).unwrap().unwrap();
        assert_eq!((&*hit.value, hit.version), (&b"ann"[..], entry(b"").version));
        assert_eq!((hit.ttl.as_secs(), hit.left.as_secs()), (60, 40));
        clock.advance(Duration::from_secs(40));
        assert_eq!(frames.open("cache:users:1", &frame), Ok(None));
    }

    #[test]
    fn a_value_is_none_under_another_key_and_another_seal() {
        let (ours, _) = frames(1);
        let frame = Bytes::from(ours.seal("cache:users:1", &entry(b"ann")));
        assert_eq!(ours.open("cache:users:2", &frame), Err(Poisoned));
        assert_eq!(frames(2).0.open("cache:users:1", &frame), Err(Poisoned));
    }

    proptest! {
        #[test]
        fn whatever_else_is_poisoned(bytes: Vec<u8>) {
            prop_assert_eq!(frames(1).0.open("k", &bytes.into()), Err(Poisoned));
        }

        #[test]
        fn one_changed_byte_or_a_cut_is_poisoned(value: Vec<u8>, at: prop::sample::Index, change in 1..=255_u8) {
            let (frames, _) = frames(1);
            let frame = frames.seal("k", &entry(&value));
            let mut changed = frame.clone();
            let place = at.index(frame.len());
            changed[place] ^= change;
            prop_assert_eq!(frames.open("k", &changed.into()), Err(Poisoned));
            prop_assert_eq!(frames.open("k", &frame[..place].to_vec().into()), Err(Poisoned));
        }
    }
}
