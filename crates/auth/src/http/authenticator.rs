//! Callers by their access tokens.

use actix_web::{dev::ServiceRequest, http::header::AUTHORIZATION};
use futures_util::future::Either;
use palisade_core::{Principal, Result};
use palisade_http::access::{Authenticating, Authenticator, Freshness, missing_token};

use super::authorization::Authorization;
use crate::{Auth, Error, TokenError, audit};

/// The header of API keys.
const API_KEY: &str = "x-api-key";

impl Authenticator for Auth {
    fn authenticate<'a>(&'a self, request: &'a ServiceRequest, freshness: Freshness) -> Authenticating<'a> {
        Either::Right(Box::pin(authenticate(self, request, freshness)))
    }

    fn permission_checked(&self, permission: &str, granted: bool) {
        let outcome = if granted { "granted" } else { "denied" };
        self.metrics().permissions.with([permission, outcome]).increment();
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
            let metrics = auth.metrics();
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
