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

    pub(super) fn with(mut self, part: &str) -> Self {
        self.push(part.as_bytes());
        self
    }

    /// Each response says numbers, and `fmt` takes many times as long.
    pub(super) fn with_number(mut self, number: u64) -> Self {
        let mut digits = [0; 20];
        let (mut rest, mut at) = (number, digits.len());
        for (index, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            (rest, at) = (rest / 10, index);
            if rest == 0 {
                break;
            }
        }
        self.push(digits.get(at..).unwrap_or_default());
        self
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, part: &[u8]) {
        let end = self.length + part.len();
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            free.copy_from_slice(part);
            self.length = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        assert_eq!(Text::<5>::new().with("r=").with_number(123).as_bytes(), b"r=123");
        assert_eq!(Text::<5>::new().with("r=").with_number(1_234).as_bytes(), b"r=");
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_anywhere(number: u64) {
            for number in [number, number % 1_000, 0, u64::MAX] {
                let text = Text::<20>::new().with_number(number);
                prop_assert_eq!(text.as_bytes(), number.to_string().into_bytes());
            }
        }
    }
}
