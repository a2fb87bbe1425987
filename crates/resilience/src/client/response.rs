//! What is answered.

use std::fmt;

use bytes::Bytes;
use reqwest::{Method, StatusCode, header::HeaderMap};

use super::Error;

/// A whole answer, of any status.
#[derive(Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Response {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, as it was sent: nothing is decompressed, and none is asked to compress.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body alone.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// The same when its status is 2xx.
    ///
    /// # Errors
    /// [`Error::Status`] for any other.
    pub fn success(self) -> Result<Self, Error> {
        if self.status.is_success() { Ok(self) } else { Err(Error::Status(self.status)) }
    }

    /// Reads an answer to its end, or to `limit` bytes of body.
    pub(super) async fn read(
        mut answer: reqwest::Response,
        method: &Method,
        limit: usize,
    ) -> Result<Self, Error> {
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        // An answer to HEAD tells the length of a body that is not there (RFC 9110 §9.3.2).
        let announced = if *method == Method::HEAD { None } else { answer.content_length() };
        let announced = announced.map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(Error::TooLarge { limit });
        }
        let mut body = Vec::with_capacity(announced.min(TRUSTED));
        while let Some(chunk) = answer.chunk().await? {
            if chunk.len() > limit - body.len() {
                return Err(Error::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status, headers, body: body.into() })
    }

    #[cfg(test)]
    pub(super) fn of(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers, body: Bytes::new() }
    }
}

/// So much memory is set aside for a body that is announced and has yet to come.
const TRUSTED: usize = 64 * 1_024;

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}
