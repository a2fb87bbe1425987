//! Static file, served from memory.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    },
};
use bytes::Bytes;
use palisade_core::Error;
use palisade_http::{
    ETag, Result,
    extract::IfNoneMatch,
    page::{MEDIA_TYPE, POLICY},
    static_body::StaticBody,
};

/// Content security policy of a viewer: it loads files of this host only. Viewers set styles from scripts, show pictures
/// from `data:` URLs, and search in a worker.
const VIEWER: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// File with its media type and its `ETag`. Clones share the content.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    media_type: &'static str,
    body: StaticBody,
    tag: Arc<ETag>,
    policy: Option<&'static str>,
}

impl Asset {
    pub(super) fn new(media_type: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = Arc::new(ETag::of(&content).weakened());
        Self { media_type, body: StaticBody::new(content), tag, policy: None }
    }

    /// A page whose scripts make its content.
    pub(super) fn viewer(content: String) -> Self {
        Self { policy: Some(VIEWER), ..Self::new(MEDIA_TYPE, content) }
    }

    /// A page without scripts.
    pub(super) fn page(content: String) -> Self {
        Self { policy: Some(POLICY), ..Self::new(MEDIA_TYPE, content) }
    }

    /// A file given in gzip.
    pub(super) fn gzipped(media_type: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = Arc::new(ETag::of(&content).weakened());
        Self { media_type, body: StaticBody::from_gzip(content), tag, policy: None }
    }

    /// The file, or 304 when the client has it.
    pub(super) fn answer(&self, held: &IfNoneMatch) -> Result<HttpResponse> {
        let mut response = HttpResponse::build(StatusCode::OK);
        response.insert_header(ETag::clone(&self.tag)).insert_header((CACHE_CONTROL, "no-cache"));
        if let Some(policy) = self.policy {
            response.insert_header((CONTENT_SECURITY_POLICY, policy));
        }
        if held.has(&self.tag) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        Ok(self.body.respond(response.content_type(self.media_type)).map_err(Error::internal)?)
    }
}
