//! Text that is written without an allocation.

use std::{
    fmt::{self, Write as _},
    net::IpAddr,
};

/// Up to `N` bytes of text on the stack; what does not fit is left out.
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    pub(crate) fn push(&mut self, part: &str) {
        let end = self.length + part.len();
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            free.copy_from_slice(part.as_bytes());
            self.length = end;
        }
    }

    /// Each response says numbers, and `fmt` takes many times as long.
    pub(crate) fn push_number(&mut self, number: u64) {
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

    /// An address as `Display` shows it.
    pub(crate) fn push_address(&mut self, address: IpAddr) {
        let IpAddr::V4(address) = address else {
            // What cannot fail is not looked at.
            let _ = write!(self, "{address}");
            return;
        };
        let [a, b, c, d] = address.octets().map(u64::from);
        for (before, number) in [("", a), (".", b), (".", c), (".", d)] {
            self.push(before);
            self.push_number(number);
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.push(part);
        Ok(())
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
        fn addresses_are_written_as_anywhere(v4: u32, v6: u128) {
            for address in [IpAddr::from(v4.to_be_bytes()), IpAddr::from(v6.to_be_bytes())] {
                let mut text = Text::<39>::new();
                text.push_address(address);
                prop_assert_eq!(text.as_str(), address.to_string());
            }
        }

        #[test]
        fn numbers_are_written_as_anywhere(number: u64) {
            for number in [number, number % 1_000, 0, u64::MAX] {
                let written = text("", number).as_str().to_owned();
                prop_assert_eq!(written, number.to_string());
            }
        }
    }
}
