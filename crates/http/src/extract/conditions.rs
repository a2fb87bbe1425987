//! `If-Match` and `If-None-Match`, one by one and together.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH},
};
use palisade_core::{Error, ErrorKind};

use crate::{
    Rejection,
    etag::{Condition, ETag},
};

/// The states that a change is meant for (RFC 9110 §13.1.1). Malformed, it is a 400: a guard that cannot be
/// read must not be ignored.
#[derive(Debug, Clone)]
pub struct IfMatch(pub Option<Condition>);

impl IfMatch {
    /// Checks the condition against the state the resource is in.
    ///
    /// # Errors
    /// 412 when the resource has changed.
    pub fn check(&self, current: &ETag) -> Result<(), Error> {
        match &self.0 {
            Some(condition) if !condition.matches_strongly(current) => {
                Err(ErrorKind::PreconditionFailed.into())
            }
            _ => Ok(()),
        }
    }
}

/// The states that the client has already (RFC 9110 §13.1.2). Malformed, it is a 400 to a request that changes something.
/// To one that reads, what cannot be read saves nothing and is ignored, as a cache's tag from elsewhere is.
#[derive(Debug, Clone)]
pub struct IfNoneMatch(pub Option<Condition>);

impl IfNoneMatch {
    /// Whether the client has this state, so that a 304 is answer enough.
    #[must_use]
    pub fn has(&self, current: &ETag) -> bool {
        self.0.as_ref().is_some_and(|condition| condition.matches_weakly(current))
    }
}

/// Both conditions, which count for every method, in the order of RFC 9110 §13.2.2. `If-Modified-Since` and
/// `If-Unmodified-Since` are ignored, as they must be where no resource tells when it was modified (§13.1.3, §13.1.4).
#[derive(Debug, Clone)]
pub struct Preconditions {
    if_match: IfMatch,
    if_none_match: IfNoneMatch,
}

impl Preconditions {
    /// For a request that reads: whether the client has the state already, so that a 304 is answer enough.
    ///
    /// # Errors
    /// 412 when `If-Match` does not hold.
    pub fn is_not_modified(&self, current: &ETag) -> Result<bool, Error> {
        self.if_match.check(current)?;
        Ok(self.if_none_match.has(current))
    }

    /// For a request that changes what is there.
    ///
    /// # Errors
    /// 412 when one of the two does not hold.
    pub fn admit(&self, current: &ETag) -> Result<(), Error> {
        self.if_match.check(current)?;
        if self.if_none_match.has(current) { Err(ErrorKind::PreconditionFailed.into()) } else { Ok(()) }
    }
}

impl FromRequest for Preconditions {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let both = || {
            let if_match = IfMatch(condition(request, &IF_MATCH)?);
            Ok(Self { if_match, if_none_match: if_none_match(request)? })
        };
        ready(both())
    }
}

impl FromRequest for IfMatch {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(condition(request, &IF_MATCH).map(Self))
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if_none_match(request))
    }
}

fn if_none_match(request: &HttpRequest) -> Result<IfNoneMatch, Rejection> {
    match condition(request, &IF_NONE_MATCH) {
        Err(_) if request.method().is_safe() => Ok(IfNoneMatch(None)),
        condition => condition.map(IfNoneMatch),
    }
}

fn condition(request: &HttpRequest, name: &HeaderName) -> Result<Option<Condition>, Rejection> {
    let malformed = || Error::bad_request(format!("The header {name} cannot be read"));
    let lines: Result<Vec<_>, _> = request.headers().get_all(name).map(|value| value.to_str()).collect();
    match lines.map_err(|_| malformed())?.as_slice() {
        [] => Ok(None),
        lines => Ok(Some(lines.join(",").parse().map_err(|_| malformed())?)),
    }
}
