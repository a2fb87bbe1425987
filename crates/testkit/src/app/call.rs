//! One request.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
};

use serde_json::Value;

use super::TestResponse;

/// A request that is sent when it is awaited.
#[derive(Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct Call(reqwest::RequestBuilder);

impl Call {
    pub(super) fn new(request: reqwest::RequestBuilder) -> Self {
        Self(request)
    }

    /// With an access token.
    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    /// With a header, replacing one of that name.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// With a form as its body.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        Self(self.0.form(pairs))
    }

    /// With a body of that media type.
    pub fn body(self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self(self.0.header("content-type", media_type).body(bytes.into()))
    }
}

impl IntoFuture for Call {
    type Output = TestResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = TestResponse> + Send>>;

    /// Sends it.
    ///
    /// # Panics
    /// The future panics when no HTTP answer comes.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (client, request) = self.0.build_split();
            let request = match request {
                Ok(request) => request,
                Err(error) => panic!("the request cannot be built: {error:?}"),
            };
            let line = format!("{} {}", request.method(), request.url());
            match client.execute(request).await {
                Ok(response) => TestResponse::read(line, response).await,
                Err(error) => panic!("{line}: no answer: {error:?}"),
            }
        })
    }
}
