//! The text that continues a list where a page ended.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, FieldError, Parse};

/// An opaque position in a list: JSON in base64url. Clients pass it back unread; it is still outside text
/// when it returns, so [`Cursor::decode`] trusts nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Longest cursor that is looked at, in bytes of its text.
    pub const MAX_LENGTH: usize = 1_024;

    /// The cursor for a position.
    ///
    /// # Errors
    /// 500 when the position has no JSON form.
    pub fn encode<P: Serialize>(position: &P) -> Result<Self, Error> {
        let json = serde_json::to_vec(position).map_err(Error::internal)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(json)))
    }

    /// The position it stands for.
    ///
    /// # Errors
    /// 422 at `/cursor` when it is not a cursor of such a list.
    pub fn decode<P: DeserializeOwned>(&self) -> Result<P, Error> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.0).ok();
        let position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        position.ok_or_else(|| invalid().at("cursor").into())
    }

    /// The text to give out.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl Parse for Cursor {
    fn parse(text: &str) -> Result<Self, FieldError> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(safe) {
            return Err(invalid());
        }
        Ok(Self(text.to_owned()))
    }
}

crate::parsed! { Cursor, "eyJpZCI6MX0" }

#[cfg(feature = "openapi")]
crate::text_schema! {
    Cursor as "Cursor", 1..=Cursor::MAX_LENGTH, "^[A-Za-z0-9_-]+$",
    "Where a page ended: a `next_cursor`, to be given back unread.", "eyJpZCI6MX0",
}

fn invalid() -> FieldError {
    FieldError::unplaced("invalid_cursor", "must be a next_cursor of this list")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_position_survives(name in ".*", number: u64) {
            let text = Cursor::encode(&(&name, number)).unwrap().into_text();
            prop_assume!(text.len() <= Cursor::MAX_LENGTH);
            prop_assert_eq!(Cursor::parse(&text).unwrap().decode::<(String, u64)>().unwrap(), (name, number));
        }

        #[test]
        fn any_text_gives_a_verdict(text in ".*") {
            if let Ok(cursor) = Cursor::parse(&text) {
                let _ = cursor.decode::<(String, u64)>();
            }
        }
    }
}
