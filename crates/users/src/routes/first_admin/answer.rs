//! Answers that are pages.

use std::sync::Arc;

use actix_web::{
    HttpResponse, ResponseError as _,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
        },
    },
    web::Data,
};
use palisade_core::Error;
use palisade_http::{
    KeepBody, Rejection,
    accept::prefers_html,
    layer::{EarlyResponse, Hook, Outcome},
    page::{FORM_POLICY, MEDIA_TYPE},
};

use super::{Setup, page::Site};

/// The address of the pages is a secret: no cache may keep it, and no other site may learn it.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_TYPE, MEDIA_TYPE),
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, FORM_POLICY),
    (REFERRER_POLICY, "no-referrer"),
];

/// The page with this status.
pub(super) fn page(status: StatusCode, page: String) -> HttpResponse {
    with_page(HttpResponse::new(status), page)
}

/// The page in place of the body that `error` would have, with its status.
pub(super) fn failed(error: Error, page: String) -> HttpResponse {
    refused(HttpResponse::new(StatusCode::OK), error.into(), page)
}

/// The layer that refuses browsers with a page. A fault of ours keeps its usual body, with which the renderer logs it.
pub(super) struct RefusalPages;

impl Hook for RefusalPages {
    type Kept<'a> = ();

    fn before(&self, _: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        Ok(())
    }

    fn after(&self, (): (), outcome: Outcome) -> Outcome {
        let response = outcome?;
        let Some((rejection, page)) = refusal(&response) else { return Ok(response) };
        let (request, response) = response.into_parts();
        Ok(ServiceResponse::new(request, refused(response, rejection, page)))
    }
}

fn refusal(response: &ServiceResponse) -> Option<(Rejection, String)> {
    let has_page = response.response().extensions().contains::<KeepBody>();
    if has_page || !prefers_html(response.request().headers()) {
        return None;
    }
    let rejection =
        Rejection::of(response.response()).filter(|rejection| rejection.error().status() < 500)?;
    let setup = response.request().app_data::<Data<Arc<Setup>>>()?;
    let page = Site::of(setup).refusal(rejection.error());
    Some((rejection, page))
}

fn refused(response: HttpResponse, rejection: Rejection, page: String) -> HttpResponse {
    let mut response = with_page(response, page);
    *response.status_mut() = rejection.status_code();
    for (name, value) in rejection.error().headers() {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    let mut extensions = response.extensions_mut();
    extensions.insert(KeepBody);
    // The request log names its code and its reason.
    extensions.insert(rejection);
    drop(extensions);
    response
}

fn with_page(response: HttpResponse, page: String) -> HttpResponse {
    let mut response = response.set_body(BoxBody::new(page));
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
