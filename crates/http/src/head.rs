//! `HEAD` on every `GET` route.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::{BodySize, EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse},
    http::Method,
};
use bytes::Bytes;

use crate::Layer;

/// The layer that answers `HEAD` by whatever answers `GET`, with the same headers and no body (RFC 9110
/// §9.3.2). It must see the request before it is routed: wrap the whole app in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Head;

impl Layer for Head {
    type Body<B: MessageBody + 'static> = EitherBody<B, Announced>;

    async fn handle<S, B>(
        &self,
        mut request: ServiceRequest,
        next: &S,
    ) -> Result<ServiceResponse<Self::Body<B>>, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static,
    {
        if request.method() != Method::HEAD {
            return next.call(request).await.map(ServiceResponse::map_into_left_body);
        }
        request.head_mut().method = Method::GET;
        let response = next.call(request).await?;
        Ok(response.map_body(|_, body| EitherBody::right(Announced(body.size()))))
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
