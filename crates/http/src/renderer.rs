//! The one place where failures get their body.

mod report;

use std::{rc::Rc, sync::Arc};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{
            ACCEPT, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, TRANSFER_ENCODING,
        },
    },
};
use palisade_core::{
    Clock, ErrorFormat, RequestContext,
    error::{ErrorBody, Occurrence, render},
};

use crate::{
    KeepBody, Rejection,
    error::{from_actix, from_status, instance, negotiate},
    layer::{EarlyResponse, Hook, Outcome},
    routes::{Route, RouteTable, shown},
    snapshot::RequestSnapshot,
    vary,
};

/// The layer that gives every response of status 400 and above one body of the catalogue, whoever raised it: a
/// handler, an extractor, actix-web itself, or a layer inside of this one. It keeps the error's headers, and
/// logs 5xx with their causes.
///
/// Only what goes wrong after a response has begun cannot be changed: a body that breaks off while it is
/// streamed ends the connection. A response that carries [`KeepBody`] keeps the body it has.
#[derive(Clone)]
pub struct Renderer {
    format: ErrorFormat,
    clock: Arc<dyn Clock>,
    show_causes: bool,
    body: Option<Arc<dyn ErrorBody>>,
    routes: Option<Arc<RouteTable>>,
}

impl Renderer {
    /// A renderer whose bodies take `format` unless the request names another.
    #[must_use]
    pub fn new(format: ErrorFormat, clock: Arc<dyn Clock>) -> Self {
        Self { format, clock, show_causes: false, body: None, routes: None }
    }

    /// The same, showing the causes of 5xx in their bodies if `show` says so. Never in production.
    #[must_use]
    pub fn show_causes(self, show: bool) -> Self {
        Self { show_causes: show, ..self }
    }

    /// The same with bodies of another form.
    #[must_use]
    pub fn with_body(self, body: Option<Arc<dyn ErrorBody>>) -> Self {
        Self { body, ..self }
    }

    /// The same, finding in `table` the route of a request that was lost with its handler.
    #[must_use]
    pub fn with_routes(self, table: Arc<RouteTable>) -> Self {
        Self { routes: Some(table), ..self }
    }

    /// The address that a problem tells of, without what in it is a secret.
    fn instance(&self, request: &HttpRequest) -> String {
        let path = request.path();
        let matched = request.match_pattern();
        let lost = || self.routes.as_deref()?.find(path).map(Route::pattern);
        instance(&shown(path, matched.as_deref().or_else(lost)))
    }

    fn rendered(&self, request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
        let bare = response.extensions_mut().remove::<Rejection>();
        let had_body = bare.is_none();
        let rejection = bare.unwrap_or_else(|| rejection(&response));
        let error = rejection.error();
        report::log(request, error);
        let format = negotiate(self.format, request.headers());
        let rendered = {
            let extensions = request.extensions();
            let context = extensions.get::<RequestContext>();
            // What the envelope does not show is not made for it.
            let is_problem = format == ErrorFormat::Problem;
            let occurrence = Occurrence {
                request_id: context.map(|context| context.request_id.as_str()),
                instance: &if is_problem { self.instance(request) } else { String::new() },
                timestamp: is_problem.then(|| self.clock.now()),
                show_causes: self.show_causes,
            };
            match &self.body {
                Some(body) => body.render(error, format, &occurrence),
                None => render(error, format, &occurrence),
            }
        };
        let mut response = response.set_body(BoxBody::new(rendered.body));
        *response.status_mut() = rejection.status_code();
        let headers = response.headers_mut();
        if had_body {
            OF_THE_OLD_BODY.iter().for_each(|name| drop(headers.remove(name)));
        }
        set_headers(headers, error, rendered.media_type);
        // For the layers outside: the request log names code and reason.
        response.extensions_mut().insert(rejection);
        response
    }
}

/// What is kept of a request in case it is lost with its handler.
#[derive(Debug)]
pub struct Lost(Rc<RequestSnapshot>);

impl Hook for Renderer {
    type Kept<'a> = Lost;

    fn before(&self, request: &mut ServiceRequest) -> Result<Lost, EarlyResponse> {
        let snapshot = RequestSnapshot::of(request);
        snapshot.will_be_rendered();
        Ok(Lost(snapshot))
    }

    fn after(&self, Lost(snapshot): Lost, outcome: Outcome) -> Outcome {
        let response = match outcome {
            Ok(response) if !is_failure(response.response()) => return Ok(response),
            Ok(response) => response,
            Err(error) => snapshot.answer(error)?,
        };
        let (request, response) = response.into_parts();
        let response = self.rendered(&request, response);
        Ok(ServiceResponse::new(request, response))
    }
}

fn is_failure(response: &HttpResponse) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && response.extensions().get::<KeepBody>().is_none()
}

fn rejection(response: &HttpResponse) -> Rejection {
    match response.error() {
        Some(error) => from_actix(error, response.status()),
        None => from_status(response.status()).into(),
    }
}

/// What described the body that is gone.
const OF_THE_OLD_BODY: [HeaderName; 8] = [
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
    TRANSFER_ENCODING,
];

fn set_headers(headers: &mut HeaderMap, error: &palisade_core::Error, media_type: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    // A raiser that forgot what its status must come with gets it from the status.
    let by_status = StatusCode::from_u16(error.status()).map(from_status).ok();
    let required = by_status.iter().flat_map(palisade_core::Error::headers);
    for (name, value) in error.headers().chain(required) {
        let name = HeaderName::from_static(name);
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    // The form depends on `Accept`; a cache in between must know (RFC 9110 §12.5.5).
    vary::add(headers, &ACCEPT);
}
