//! The trait that says who is calling.

use std::future::Ready;
#[cfg(feature = "rate-limit")]
use std::future::ready;

use actix_web::dev::ServiceRequest;
use futures_util::future::{Either, LocalBoxFuture};
use palisade_core::{Error, Principal};
#[cfg(feature = "rate-limit")]
use palisade_ratelimit::LimitKey;

/// The answer to who is calling: at once, or after a look-up.
pub type Authenticating<'a> =
    Either<Ready<Result<Principal, Error>>, LocalBoxFuture<'a, Result<Principal, Error>>>;

/// Finds out who is calling. `palisade-auth` implements it by its own access tokens; a service behind another identity
/// provider brings its own.
///
/// ```
/// use std::future::ready;
/// use actix_web::dev::ServiceRequest;
/// use futures_util::future::Either;
/// use palisade_core::Principal;
/// use palisade_http::access::{Authenticating, Authenticator, Freshness, missing_token};
///
/// /// Believes a proxy that has verified the caller.
/// #[derive(Debug)]
/// struct BehindAProxy;
///
/// impl Authenticator for BehindAProxy {
///     fn authenticate<'a>(&'a self, request: &'a ServiceRequest, _: Freshness) -> Authenticating<'a> {
///         let name = request.headers().get("x-verified-user").and_then(|name| name.to_str().ok());
///         let caller = name.map(|name| Principal::external(name, ["notes:read".to_owned()]));
///         Either::Left(ready(caller.ok_or_else(missing_token)))
///     }
/// }
/// ```
pub trait Authenticator: Send + Sync {
    /// Who the credentials of the request are of.
    ///
    /// # Errors
    /// 401 for a request without credentials ([`missing_token`](super::missing_token)) and for credentials that are not
    /// valid; 503 when that cannot be found out.
    fn authenticate<'a>(&'a self, request: &'a ServiceRequest, freshness: Freshness) -> Authenticating<'a>;

    /// What the caller's API key is counted as by rate limits, if it has shown a valid one.
    #[cfg(feature = "rate-limit")]
    fn api_key<'a>(&'a self, request: &'a ServiceRequest) -> LocalBoxFuture<'a, Option<LimitKey>> {
        let _ = request;
        Box::pin(ready(None))
    }

    /// Is told of each permission that a route asked for, and whether the caller had it; `caller` stands for a route that
    /// only asks for some caller.
    fn permission_checked(&self, permission: &str, granted: bool) {
        let _ = (permission, granted);
    }
}

/// How old the answer to who is calling may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A short time: for requests that read.
    Recent,
    /// What holds now: for requests that write.
    Now,
}
