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

use crate::layer::{EarlyResponse, Hook, Outcome};

/// The layer that answers `HEAD` by whatever answers `GET`, with the same headers and no body (RFC 9110
/// §9.3.2). It must see the request before it is routed: wrap the whole app in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Head;

impl Hook for Head {
    type Kept<'a> = bool;

    fn before(&self, request: &mut ServiceRequest) -> Result<bool, EarlyResponse> {
        let is_head = request.method() == Method::HEAD;
        if is_head {
            request.head_mut().method = Method::GET;
        }
        Ok(is_head)
    }

    fn after(&self, is_head: bool, outcome: Outcome) -> Outcome {
        if !is_head {
            return outcome;
        }
        outcome.map(|response| response.map_body(|_, body| BoxBody::new(Announced(body.size()))))
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
