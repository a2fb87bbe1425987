//! Text that is written without an allocation.

/// Up to `N` bytes of text on the stack; what does not fit is left out.
pub(super) struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    pub(super) fn push(&mut self, part: &str) {
        let end = self.length + part.len();
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            free.copy_from_slice(part.as_bytes());
            self.length = end;
        }
    }

    /// Each response says numbers, and `fmt` takes many times as long.
    pub(super) fn push_number(&mut self, number: u64) {
        let length = number.checked_ilog10().map_or(1, |log| log as usize + 1);
        let end = self.length + length;
        let Some(free) = self.bytes.get_mut(self.length..end) else { return };
        let mut rest = number;
        for digit in free.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        self.length = end;
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(part: &str, number: u64) -> Text<22> {
        let mut text = Text::new();
        text.push(part);
        text.push_number(number);
        text
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        assert_eq!(text("r=", u64::MAX).as_str(), "r=18446744073709551615");
        assert_eq!(text("r==", u64::MAX).as_str(), "r==");
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_anywhere(number: u64) {
            for number in [number, number % 1_000, 0, u64::MAX] {
                let written = text("", number).as_str().to_owned();
                prop_assert_eq!(written, number.to_string());
            }
        }
    }
}
