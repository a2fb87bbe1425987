//! A file that is served from memory.

use std::{io::Read, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderValue, VARY,
        },
    },
};
use bytes::Bytes;
use flate2::read::GzDecoder;
use palisade_core::Error;

use crate::{ETag, Result, extract::IfNoneMatch};

const HTML: &str = "text/html; charset=utf-8";

/// What a viewer may do: load from here, and nothing from elsewhere. The viewers set styles from scripts, show
/// pictures that they hold as data, and search in a worker.
const VIEWER: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a page without scripts may do: show the pictures that it holds itself, and itself in one style.
fn page_policy(style_hash: &str) -> String {
    format!(
        "default-src 'none'; style-src '{style_hash}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// A file with its type and tag. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    media_type: &'static str,
    content: Bytes,
    gzipped: bool,
    tag: Arc<ETag>,
    policy: Option<HeaderValue>,
}

impl Asset {
    pub(super) fn new(media_type: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = Arc::new(ETag::of(&content).weakened());
        Self { media_type, content, gzipped: false, tag, policy: None }
    }

    /// A page that is made by scripts of its own.
    pub(super) fn viewer(content: &'static str) -> Self {
        Self { policy: Some(HeaderValue::from_static(VIEWER)), ..Self::new(HTML, content) }
    }

    /// A page without scripts, whose one style has this hash.
    pub(super) fn page(content: String, style_hash: &str) -> Self {
        Self { policy: HeaderValue::try_from(page_policy(style_hash)).ok(), ..Self::new(HTML, content) }
    }

    /// A file that is kept compressed.
    pub(super) fn gzipped(media_type: &'static str, content: impl Into<Bytes>) -> Self {
        Self { gzipped: true, ..Self::new(media_type, content) }
    }

    /// The file, or 304 when the client has it.
    pub(super) fn answer(&self, request: &HttpRequest, held: &IfNoneMatch) -> Result<HttpResponse> {
        let mut response = HttpResponse::build(StatusCode::OK);
        response.insert_header(ETag::clone(&self.tag)).insert_header((CACHE_CONTROL, "no-cache"));
        if let Some(policy) = &self.policy {
            response.insert_header((CONTENT_SECURITY_POLICY, policy.clone()));
        }
        if self.gzipped {
            response.insert_header((VARY, "accept-encoding"));
        }
        if held.has(&self.tag) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        response.content_type(self.media_type);
        if !self.gzipped {
            return Ok(response.body(self.content.clone()));
        }
        if takes_gzip(request) {
            return Ok(response.insert_header((CONTENT_ENCODING, "gzip")).body(self.content.clone()));
        }
        Ok(response.body(self.inflated()?))
    }

    fn inflated(&self) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        GzDecoder::new(self.content.as_ref()).read_to_end(&mut content).map_err(Error::internal)?;
        Ok(content)
    }
}

/// Whether `Accept-Encoding` names gzip with a quality that is not 0 (RFC 9110 §12.5.3).
fn takes_gzip(request: &HttpRequest) -> bool {
    let lines = request.headers().get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            quality.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (header, taken) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, header)).to_http_request();
            assert_eq!(takes_gzip(&request), taken, "{header}");
        }
    }
}
