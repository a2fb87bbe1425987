//! Who is calling: found out once for a request that reads, and at the last moment for one that writes.

use std::sync::Arc;

use actix_web::{HttpMessage, dev::ServiceRequest};
use palisade_core::{Principal, Result};

use super::{Authenticator, Freshness};
use crate::Rejection;

/// What was found out before access control asked for it. It is not where a handler looks for its
/// caller: a public route has none, whatever counts its requests.
#[derive(Clone)]
pub(super) struct Verified(pub(super) Result<Arc<Principal>, Rejection>);

/// The caller, as found out already or now. A request that writes is let in by what holds now; to count it, an answer of
/// the last second was enough.
pub(super) async fn caller(
    authenticator: &dyn Authenticator,
    request: &ServiceRequest,
) -> Result<Principal, Rejection> {
    let known = request.extensions_mut().remove::<Verified>();
    let is_safe = request.method().is_safe();
    match known {
        Some(Verified(Ok(caller))) if is_safe => Ok(Arc::unwrap_or_clone(caller)),
        Some(Verified(Err(refusal))) => Err(refusal),
        _ if is_safe => Ok(authenticator.authenticate(request, Freshness::Recent).await?),
        _ => Ok(authenticator.authenticate(request, Freshness::Now).await?),
    }
}
