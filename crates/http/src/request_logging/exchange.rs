//! One request and its answer.

use std::{fmt, rc::Rc, time::Instant};

use actix_web::{
    HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody as _},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header::HeaderMap},
};

use super::{
    RequestLogging,
    capture::Capture,
    event::{Answered, Asked, Common},
    headers,
    media::Media,
};
use crate::{
    Rejection,
    announced::Announced,
    layer::Outcome,
    routes::shown_path,
    snapshot::RequestSnapshot,
    tee::{Ending, Tee, Told as _},
};

/// A request on its way; it is told as unanswered when it is dropped.
pub struct Exchange<'a> {
    layer: &'a RequestLogging,
    snapshot: Rc<RequestSnapshot>,
    start: Instant,
    is_answered: bool,
}

impl<'a> Exchange<'a> {
    pub(super) fn begin(layer: &'a RequestLogging, request: &mut ServiceRequest) -> Self {
        let exchange =
            Self { layer, snapshot: RequestSnapshot::of(request), start: Instant::now(), is_answered: false };
        let expected = match Announced::of(request.headers()) {
            Announced::Nothing => Some(0),
            Announced::Length(bytes) => u64::try_from(bytes).ok(),
            Announced::Unknown => None,
        };
        let asked = Asked {
            path: layer.masker.path(&shown_path(request)).into_owned(),
            query: request.uri().query().map(|query| layer.masker.query(query).into_owned()),
            headers: headers::shown(request.headers(), &layer.masker),
            capture: exchange.capture(request.headers(), expected),
            common: exchange.common(),
        };
        match request.take_payload() {
            Payload::None => asked.tell(Ending::Whole),
            payload => {
                request.set_payload(Payload::Stream { payload: Box::pin(Tee::new(payload, asked)) });
            }
        }
        exchange
    }

    pub(super) fn answered(mut self, outcome: Outcome) -> Outcome {
        self.is_answered = true;
        match outcome {
            Ok(response) => Ok(self.watched(response)),
            Err(error) => {
                let draft = error.error_response();
                let rejection = error.as_error::<Rejection>().cloned();
                self.told(draft.status(), draft.headers(), rejection, Some(0)).tell(Ending::Whole);
                Err(error)
            }
        }
    }

    fn watched(&self, response: ServiceResponse) -> ServiceResponse {
        let (status, size) = (response.status(), response.response().body().size());
        let rejection = Rejection::of(response.response());
        if self.has_no_body(status) || matches!(size, BodySize::None | BodySize::Sized(0)) {
            self.told(status, response.headers(), rejection, Some(0)).tell(Ending::Whole);
            return response;
        }
        let expected = if let BodySize::Sized(bytes) = size { Some(bytes) } else { None };
        let mut told = self.told(status, response.headers(), rejection, expected);
        response.map_body(|_, body| match body.try_into_bytes() {
            Ok(bytes) => {
                told.capture.take(&bytes);
                told.tell(Ending::Whole);
                BoxBody::new(bytes)
            }
            Err(stream) => BoxBody::new(Tee::new(stream, told)),
        })
    }

    /// Whether the client gets no body, whatever one there is (RFC 9110 §6.4.1).
    fn has_no_body(&self, status: StatusCode) -> bool {
        *self.snapshot.method() == Method::HEAD
            || status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    }

    fn told(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        rejection: Option<Rejection>,
        expected: Option<u64>,
    ) -> Answered {
        Answered {
            status: Some(status.as_u16()),
            headers: headers::shown(headers, &self.layer.masker),
            rejection,
            capture: self.capture(headers, expected),
            start: self.start,
            common: self.common(),
        }
    }

    fn capture(&self, headers: &HeaderMap, expected: Option<u64>) -> Capture {
        Capture::new(Media::of(headers, &self.layer.masker), self.layer.max_body_size, expected)
    }

    fn common(&self) -> Common {
        Common { masker: self.layer.masker.clone(), snapshot: Rc::clone(&self.snapshot) }
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let none = HeaderMap::new();
        let unanswered = Answered {
            status: None,
            headers: headers::shown(&none, &self.layer.masker),
            rejection: None,
            capture: self.capture(&none, None),
            start: self.start,
            common: self.common(),
        };
        unanswered.tell(Ending::Early);
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("is_answered", &self.is_answered).finish_non_exhaustive()
    }
}
