//! What addresses and bodies may look like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::content::{Content, DEFAULT_MAX_URL_LENGTH, InvalidMediaType, MediaTypes, NullBytes};

/// A content type or its method is none.
#[derive(Debug, thiserror::Error)]
pub enum InvalidContentType {
    /// The name is no method's.
    #[error("`{0}` is no method")]
    Method(String),
    /// The text is no media type.
    #[error(transparent)]
    Type(#[from] InvalidMediaType),
}

/// What addresses and bodies may look like; part of the section `security`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ContentSettings {
    /// The longest address, in bytes; a longer one is a 414.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 65_534)))]
    pub max_url_length: usize,
    /// Refuses `%00` in addresses.
    pub block_null_bytes: bool,
    /// The types of bodies by method, as a JSON object; `application/*+json` and `image/*` stand for many. Another
    /// type is a 415. A body on a request with a method that is not listed has no meaning and is not read.
    pub content_types: BTreeMap<String, Vec<String>>,
}

impl Default for ContentSettings {
    fn default() -> Self {
        // The last two for routes that take a text or a file; a route that reads JSON refuses them itself.
        let types = ["application/json", "application/*+json", FORM, "multipart/form-data"];
        let types = types.into_iter().chain(["text/plain", "application/octet-stream"]).map(str::to_owned);
        let types: Vec<String> = types.collect();
        let methods = ["PATCH", "POST", "PUT"].map(str::to_owned);
        Self {
            max_url_length: DEFAULT_MAX_URL_LENGTH,
            block_null_bytes: true,
            content_types: methods.map(|method| (method, types.clone())).into(),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

impl ContentSettings {
    /// The layer.
    ///
    /// # Errors
    /// When a content type is none.
    pub fn layer(&self) -> Result<Content, InvalidContentType> {
        let null_bytes = if self.block_null_bytes { NullBytes::Refused } else { NullBytes::Taken };
        let content = Content::new().null_bytes(null_bytes).max_url_length(self.max_url_length);
        self.content_types.iter().try_fold(content, |content, (method, types)| {
            let method = method.parse().map_err(|_| InvalidContentType::Method(method.clone()))?;
            Ok(content.with_types(method, MediaTypes::parse(types)?))
        })
    }
}
