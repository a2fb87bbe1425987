//! The question a browser asks before it sends a request that a form could not send.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
        },
    },
};

use super::Cors;
use crate::layer::{EarlyResponse, Hook, respond_early};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const QUESTION: HeaderValue =
    HeaderValue::from_static("access-control-request-method, access-control-request-headers");

/// The layer that answers preflight requests with 204. The answer is the same for every path, so that it tells nothing
/// of which there are; for an origin that is not allowed it permits nothing.
#[derive(Debug, Clone)]
pub struct Preflights {
    cors: Cors,
}

impl Preflights {
    pub(super) fn new(cors: Cors) -> Self {
        Self { cors }
    }
}

impl Hook for Preflights {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        if !is_preflight(request) {
            return Ok(());
        }
        let rules = &self.cors.0;
        let mut permission = HttpResponse::NoContent();
        permission.insert_header((VARY, QUESTION));
        if rules.allowed(request.headers()).is_some() {
            permission.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
            permission.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, rules.allowed_headers.clone()));
            permission.insert_header((ACCESS_CONTROL_MAX_AGE, rules.max_age.clone()));
        }
        Err(respond_early(request, permission.finish()))
    }
}

/// See <https://fetch.spec.whatwg.org/#cors-preflight-request>.
fn is_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    *request.method() == Method::OPTIONS
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        && headers.contains_key(ORIGIN)
}
