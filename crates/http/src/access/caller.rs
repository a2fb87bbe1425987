//! The caller, as handlers see it.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use palisade_core::{Error, Principal};

use crate::Rejection;

/// The verified caller of a request, put there by [`AccessControl`](super::AccessControl). On a public route there
/// is none, and asking for it is a 401.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl FromRequest for Caller {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request.extensions().get::<Principal>().cloned();
        ready(principal.map(Self).ok_or_else(|| missing_token().into()))
    }
}

/// The error for a request without credentials. Its challenge names no error (RFC 6750 §3.1).
#[must_use]
pub fn missing_token() -> Error {
    Error::unauthorized("An access token is needed").with_reason("auth.missing_token")
}
