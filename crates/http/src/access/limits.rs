//! Rate limits by caller.

use std::sync::Arc;

use actix_web::{HttpMessage, dev::ServiceRequest};
use palisade_core::Principal;
use palisade_ratelimit::LimitKey;

use super::{Authenticator, Freshness, verified::Verified};
use crate::{
    Rejection,
    rate_limit::{Asking, Callers},
};

/// The callers whom `authenticator` verifies, for rate limits that count by caller.
#[must_use]
pub fn callers(authenticator: Arc<dyn Authenticator>) -> Arc<dyn Callers> {
    Arc::new(Authenticated(authenticator))
}

struct Authenticated(Arc<dyn Authenticator>);

/// So that rate limits can count by caller, outside of access control and inside. A flood of requests asks no store more
/// often than the authenticator's recent answers allow.
impl Callers for Authenticated {
    fn caller<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, Arc<Principal>> {
        Box::pin(async move {
            let admitted = request.extensions().get::<Principal>().cloned();
            if let Some(caller) = admitted {
                return Some(Arc::new(caller));
            }
            let known = request.extensions().get::<Verified>().cloned();
            if let Some(Verified(caller)) = known {
                return caller.ok();
            }
            let caller = self.0.authenticate(request, Freshness::Recent).await;
            let caller = caller.map(Arc::new).map_err(Rejection::from);
            request.extensions_mut().insert(Verified(caller.clone()));
            caller.ok()
        })
    }

    fn api_key<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, LimitKey> {
        self.0.api_key(request)
    }
}
