//! Bounds-checked looks at the bytes of a text, around one place.

/// The byte at a place; 0, which no rule looks for, beyond the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The byte before a place.
pub(super) fn before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(bytes, at))
}

/// Where the bytes that are `wanted` end, from `at` on.
pub(super) fn end_of(bytes: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
}

/// Where the bytes that are `wanted` start, before `at`, at most `most` and not before `floor`.
pub(super) fn start_of(
    bytes: &[u8],
    at: usize,
    floor: usize,
    most: usize,
    wanted: impl Fn(u8) -> bool,
) -> usize {
    let floor = floor.max(at.saturating_sub(most));
    let back = bytes.get(floor..at).unwrap_or_default();
    floor + back.iter().rposition(|byte| !wanted(*byte)).map_or(0, |last| last + 1)
}
