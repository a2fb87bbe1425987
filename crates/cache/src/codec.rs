//! Values as bytes.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// JSON: an operator can read it, and a field that a later version adds does not damage what an earlier one wrote.
pub(crate) fn encode(value: &impl Serialize) -> Result<Bytes> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| Error::Unencodable(error.to_string().into()))
}

/// `None` when the bytes are no such value.
pub(crate) fn decode<V: DeserializeOwned>(bytes: &[u8]) -> Option<V> {
    serde_json::from_slice(bytes).ok()
}
