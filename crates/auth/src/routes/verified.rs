//! Who is calling: found out once for a request that reads, and at the last moment for one that writes.

use std::sync::Arc;

use actix_web::{HttpMessage, dev::ServiceRequest, http::header::AUTHORIZATION};
use palisade_core::{Principal, Result};
use palisade_http::{
    Rejection,
    rate_limit::{Asking, Callers},
};

use super::{authorization::Authorization, caller::missing_token};
use crate::{Auth, Error, TokenError, audit, liveness::Freshness};

/// The header of API keys.
const API_KEY: &str = "x-api-key";

/// What authentication found out before the access layer asked for it. It is not where a handler looks for its
/// caller: a public route has none, whatever counts its requests.
#[derive(Clone)]
struct Verified(Result<Arc<Principal>, Rejection>);

/// The caller, as found out already or now. A request that writes is let in by what holds now; to count it, an answer of
/// the last second was enough.
pub(super) async fn caller(auth: &Auth, request: &ServiceRequest) -> Result<Principal, Rejection> {
    let known = request.extensions_mut().remove::<Verified>();
    let is_safe = request.method().is_safe();
    match known {
        Some(Verified(Ok(caller))) if is_safe => Ok(Arc::unwrap_or_clone(caller)),
        Some(Verified(Err(refusal))) => Err(refusal),
        _ if is_safe => Ok(authenticate(auth, request, Freshness::Recent).await?),
        _ => Ok(authenticate(auth, request, Freshness::Now).await?),
    }
}

/// So that rate limits can count by user, outside of the access layer and inside. A flood of requests asks no store more than
/// once a second for each session.
impl Callers for Auth {
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
            let caller =
                authenticate(self, request, Freshness::Recent).await.map(Arc::new).map_err(Rejection::from);
            request.extensions_mut().insert(Verified(caller.clone()));
            caller.ok()
        })
    }
}

async fn authenticate(auth: &Auth, request: &ServiceRequest, freshness: Freshness) -> Result<Principal> {
    let values = request.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes());
    match Authorization::parse(values) {
        Authorization::Bearer(token) => match freshness {
            Freshness::Recent => auth.authenticate(token).await,
            Freshness::Now => auth.authenticate_for_write(token).await,
        },
        Authorization::Missing => {
            let metrics = auth.metrics().get();
            if request.headers().contains_key(API_KEY) {
                metrics.api_keys.with(["unsupported"]).increment();
            }
            metrics.permissions.with(["caller", "denied"]).increment();
            Err(missing_token())
        }
        Authorization::Malformed => {
            audit::token_refused(TokenError::Malformed);
            Err(Error::InvalidToken.into())
        }
    }
}
