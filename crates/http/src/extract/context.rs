//! What is known of the request being served.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use palisade_core::{Error, RequestContext};

use crate::Rejection;

/// The request's id and trace. It needs the request-id layer.
#[derive(Debug, Clone)]
pub struct Context(pub RequestContext);

impl FromRequest for Context {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<RequestContext>().cloned();
        ready(
            context.map(Self).ok_or_else(|| Error::internal("the request-id layer is not installed").into()),
        )
    }
}
