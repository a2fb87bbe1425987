//! What is kept of an answer.

use bytes::Bytes;
use palisade_core::UserId;

/// An answer, as far as it is the same for whoever asks again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers that belong to what was done and not to one exchange; names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The user whose data it shows, if it shows somebody's: it is not kept for longer than that user is.
    pub about: Option<UserId>,
}

impl StoredResponse {
    /// How many bytes it takes to keep.
    #[must_use]
    pub fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        headers.fold(self.body.len(), usize::saturating_add)
    }
}
