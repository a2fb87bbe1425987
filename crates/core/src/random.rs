//! Randomness as a parameter.

use std::cell::RefCell;

use zeroize::Zeroize;

/// Where unpredictable bytes come from.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with random values fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's generator. Small amounts are taken from a buffer of the thread's own, so that an id
/// does not cost a system call; what has been given out is wiped from it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

thread_local! {
    static BUFFER: RefCell<Buffer> = const { RefCell::new(Buffer { bytes: [0; Buffer::SIZE], left: 0 }) };
}

/// Bytes of the operating system's, not yet given out.
struct Buffer {
    bytes: [u8; Self::SIZE],
    left: usize,
}

impl Buffer {
    /// In bytes. The system gives up to this many without being interrupted by a signal (getrandom(2)).
    const SIZE: usize = 256;

    /// Fills `wanted`, if it is small enough to come from a buffer.
    fn give(&mut self, wanted: &mut [u8]) -> bool {
        if wanted.len() > Self::SIZE / 4 {
            return false;
        }
        if self.left < wanted.len() {
            from_system(&mut self.bytes);
            self.left = Self::SIZE;
        }
        let start = self.left - wanted.len();
        let Some(given) = self.bytes.get_mut(start..self.left) else { return false };
        wanted.copy_from_slice(given);
        given.zeroize();
        self.left = start;
        true
    }
}

/// # Panics
/// When the operating system has no randomness to give: going on would hand out guessable secrets.
#[expect(clippy::expect_used, reason = "no secret may ever be made without randomness")]
fn from_system(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

impl Random for SystemRandom {
    /// # Panics
    /// When the operating system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) {
        let given = BUFFER.try_with(|buffer| buffer.borrow_mut().give(bytes));
        // Too much for a buffer, or the thread is ending.
        if !given.unwrap_or(false) {
            from_system(bytes);
        }
    }
}

/// Randomness that repeats itself: the same seed gives the same bytes.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub struct SeededRandom(std::sync::atomic::AtomicU64);

#[cfg(feature = "testing")]
impl SeededRandom {
    /// A generator that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

#[cfg(feature = "testing")]
impl Random for SeededRandom {
    /// SplitMix64 (Steele, Lea, Flood 2014), which is repeatable and not secret.
    fn fill(&self, bytes: &mut [u8]) {
        const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
        for chunk in bytes.chunks_mut(8) {
            let state = self.0.fetch_add(GOLDEN_GAMMA, std::sync::atomic::Ordering::Relaxed);
            let mut word = state.wrapping_add(GOLDEN_GAMMA);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            for (byte, value) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *byte = value;
            }
        }
    }
}
