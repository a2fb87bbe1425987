//! One answer, read to its end.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// What came back for a request.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// The request line, for messages of failed tests.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl TestResponse {
    pub(super) async fn read(request: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        match response.bytes().await {
            Ok(body) => Self { request, status, headers, body: body.into() },
            Err(error) => panic!("{request}: {status}, but its body broke off: {error:?}"),
        }
    }

    /// Reads the first response in `bytes`, as they came from the socket; `None` when there is none.
    #[must_use]
    pub fn from_raw(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
        }
        let rest = bytes.get(end + 4..)?;
        let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
        let body = rest.get(..length.unwrap_or(rest.len()))?.to_vec();
        Some(Self { request: "raw".to_owned(), status, headers, body })
    }

    /// This answer, when it has that status.
    ///
    /// # Panics
    /// When it has another one; the message holds the whole answer.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "it is an assertion first"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{:?}\n{}", self.request, self.headers, self.text());
        self
    }

    /// A header as text; empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{}: {error}: {}", self.request, self.text()),
        }
    }

    /// The error code, in whichever of the two forms the body is; empty when it is no error body.
    #[must_use]
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let code = body.pointer("/error/code").or_else(|| body.get("code"));
        code.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The domain's reason, in whichever of the two forms the body is; empty when there is none.
    #[must_use]
    pub fn reason(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let reason = body.pointer("/error/details/reason").or_else(|| body.get("reason"));
        reason.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
