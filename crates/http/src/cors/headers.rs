//! The headers that let a script read a response.

use actix_web::{
    dev::ServiceRequest,
    http::header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderMap, HeaderValue, ORIGIN,
    },
};

use super::{Cors, EXPOSED_HEADERS};
use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    stamp::with_headers,
    vary,
};

/// The layer that puts the headers on every response, whatever its status.
#[derive(Debug, Clone)]
pub struct CorsHeaders {
    cors: Cors,
}

impl CorsHeaders {
    pub(super) fn new(cors: Cors) -> Self {
        Self { cors }
    }
}

impl Hook for CorsHeaders {
    type Kept<'a> = Option<HeaderValue>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<HeaderValue>, EarlyResponse> {
        Ok(self.cors.0.allowed(request.headers()).cloned())
    }

    fn after(&self, allowed: Option<HeaderValue>, outcome: Outcome) -> Outcome {
        match outcome {
            Ok(mut response) => {
                set(&self.cors, allowed.as_ref(), response.headers_mut());
                Ok(response)
            }
            Err(error) => {
                let cors = self.cors.clone();
                with_headers(Err(error), move |headers| set(&cors, allowed.as_ref(), headers))
            }
        }
    }
}

fn set(Cors(rules): &Cors, allowed: Option<&HeaderValue>, headers: &mut HeaderMap) {
    if !rules.origins.is_any() {
        // On every response, also where no origin was told: a cache may not give it to another one.
        vary::add(headers, &ORIGIN);
    }
    let Some(origin) = allowed else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    if rules.credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}
