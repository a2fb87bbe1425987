//! For a program in which nobody can sign in.

use std::future::ready;

use actix_web::dev::ServiceRequest;
use futures_util::future::Either;
use palisade_http::access::{Authenticating, Authenticator, Freshness, missing_token};

/// Takes no credentials: routes that want a caller are closed.
#[derive(Debug)]
pub(crate) struct NoCallers;

impl Authenticator for NoCallers {
    fn authenticate<'a>(&'a self, _: &'a ServiceRequest, _: Freshness) -> Authenticating<'a> {
        Either::Left(ready(Err(missing_token())))
    }
}
