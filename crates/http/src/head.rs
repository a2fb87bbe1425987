//! `HEAD` on every `GET` route.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceRequest,
    http::Method,
};
use bytes::Bytes;

use crate::{
    Layer,
    layer::{Next, Outcome},
};

/// The layer that answers `HEAD` by whatever answers `GET`, with the same headers and no body (RFC 9110
/// §9.3.2). It must see the request before it is routed: wrap the whole app in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Head;

impl Layer for Head {
    async fn handle<N: Next>(&self, mut request: ServiceRequest, next: N) -> Outcome {
        if request.method() != Method::HEAD {
            return next.call(request).await;
        }
        request.head_mut().method = Method::GET;
        let response = next.call(request).await?;
        Ok(response.map_body(|_, body| BoxBody::new(Announced(body.size()))))
    }
}

/// The length of a body without the body.
#[derive(Debug, Clone, Copy)]
pub struct Announced(BodySize);

impl MessageBody for Announced {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
