//! Who is calling, for limits that count by it.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use futures_util::future::{LocalBoxFuture, ready};
use palisade_core::Principal;
use palisade_ratelimit::LimitKey;

/// The answer to who is calling.
pub type Asking<'a, T> = LocalBoxFuture<'a, Option<T>>;

/// Finds out who is calling before anything else does. `palisade-auth` implements it.
///
/// Only what has been verified counts. A stranger who could name whom a request is counted for would use up
/// others' allowance, or get a fresh one with each name it makes up; so a token that proves nothing is the same
/// as none, and the request is counted by its client's address.
pub trait Callers: Send + Sync {
    /// The caller, if the request's credentials are valid. What was found out should be kept in the request's
    /// extensions, so that authentication does not do it again.
    fn caller<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, Arc<Principal>>;

    /// What the caller's API key is counted as, if it has shown a valid one. There are none unless this is
    /// implemented.
    fn api_key<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, LimitKey> {
        let _unknown = request;
        Box::pin(ready(None))
    }
}
