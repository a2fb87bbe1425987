//! What is counted.

use std::fmt::{self, Write as _};

/// Whose requests are counted together, such as `ip:203.0.113.9` or `user:0199…`.
///
/// Any text. Short ones, such as addresses and ids with their prefix, are kept without an allocation. A backend keeps
/// none of it in the clear for longer than it must: a secret is still better counted by its id.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LimitKey(Text);

/// `user:` and an id, or `ip_user:` with an IPv6 prefix and an id, fit.
const INLINE: usize = 94;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Text {
    /// Bytes after the length are 0.
    Short {
        length: u8,
        bytes: [u8; INLINE],
    },
    Long(Box<str>),
}

impl LimitKey {
    /// The key with this text.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut key = Self::empty();
        key.push(text.as_ref());
        key
    }

    /// The key `kind:value`, written in place: `LimitKey::of("ip", address)`.
    #[must_use]
    pub fn of(kind: &str, value: impl fmt::Display) -> Self {
        let mut key = Self::empty();
        key.push(kind);
        key.push(":");
        // A failing `Display` leaves what it wrote; `push` itself never fails.
        let _ = write!(key, "{value}");
        key
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Short { length, bytes } => {
                // Only whole strings are ever pushed, so this is UTF-8.
                bytes
                    .get(..usize::from(*length))
                    .and_then(|text| str::from_utf8(text).ok())
                    .unwrap_or_default()
            }
            Text::Long(text) => text,
        }
    }

    /// The text's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Text::Long(text) => text.as_bytes(),
        }
    }

    const fn empty() -> Self {
        Self(Text::Short { length: 0, bytes: [0; INLINE] })
    }

    fn push(&mut self, more: &str) {
        if let Text::Short { length, bytes } = &mut self.0 {
            let start = usize::from(*length);
            let end = start.saturating_add(more.len());
            if let (Some(free), Ok(end)) = (bytes.get_mut(start..end), u8::try_from(end)) {
                free.copy_from_slice(more.as_bytes());
                *length = end;
                return;
            }
        }
        self.0 = Text::Long([self.as_str(), more].concat().into());
    }
}

impl fmt::Write for LimitKey {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.push(more);
        Ok(())
    }
}

impl fmt::Display for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_as_it_went_in() {
        for length in [0, 1, 23, INLINE - 1, INLINE, INLINE + 1, 300] {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(LimitKey::new(&text).as_str(), text);
            assert_eq!(LimitKey::new(&text).as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn a_key_is_its_text_however_it_was_made() {
        assert_eq!(LimitKey::of("ip", "203.0.113.9"), LimitKey::new("ip:203.0.113.9"));
        assert_eq!(LimitKey::of("x", "y".repeat(200)), LimitKey::new(format!("x:{}", "y".repeat(200))));
    }
}
