//! The fixed window: a count that begins anew at each multiple of the window since the Unix epoch.

use super::{Taking, Verdict};

/// What is kept of a window, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Window {
    /// Which window since the epoch, modulo 2³²: they come round after 49 days at the soonest, and a counter is
    /// forgotten after one.
    number: u32,
    count: u32,
}

impl From<u64> for Window {
    fn from(word: u64) -> Self {
        Self { number: low(word >> 32), count: low(word) }
    }
}

impl From<Window> for u64 {
    fn from(window: Window) -> Self {
        Self::from(window.number) << 32 | Self::from(window.count)
    }
}

/// The state after the request, and what is said to it. A refusal changes nothing.
pub(crate) fn check(window: Window, taking: &Taking<'_>) -> (Window, Verdict) {
    let (length, limit) = (taking.quota.window_nanos(), taking.quota.capacity());
    let number = taking.now / length;
    let (number, count) = match window.number.wrapping_sub(low(number)) {
        0 => (number, window.count),
        // The clock went back over the border: what was counted beyond it still counts.
        1 => (number + 1, window.count),
        _ => (number, 0),
    };
    let end = (number + 1).saturating_mul(length);
    let full_at = |count| if count == 0 { taking.now } else { end };
    let remaining = limit.saturating_sub(count);
    if taking.cost > remaining {
        let wait = if taking.cost > limit { length } else { end - taking.now };
        return (window, taking.refuse(remaining.into(), full_at(count), wait));
    }
    let count = count + taking.cost;
    (Window { number: low(number), count }, taking.allow((limit - count).into(), full_at(count)))
}

/// The lower half of a word.
fn low(word: u64) -> u32 {
    word as u32
}
