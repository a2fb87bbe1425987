//! The answer to a request that no application could answer.

use std::{fmt::Write, net::IpAddr, sync::Arc, time::Duration};

use actix_http::StatusCode;
use palisade_core::{Clock, Error, Ids, Kind, RequestId};
use tracing::Level;

use crate::error::{ErrorFormat, Occurrence, Rendered, render};

/// Makes the answers of a server.
pub(super) struct Refusals {
    clock: Arc<dyn Clock>,
    ids: Ids,
    format: ErrorFormat,
}

/// What is known of a request that is refused.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) client: Option<IpAddr>,
    /// Since its first byte.
    pub(super) elapsed: Duration,
    /// Whether it asks for a body at all.
    pub(super) wants_body: bool,
}

impl Refusals {
    pub(super) fn new(clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self { clock, ids, format: ErrorFormat::default() }
    }

    pub(super) fn in_format(&self, format: ErrorFormat) -> Self {
        Self { clock: self.clock.clone(), ids: self.ids.clone(), format }
    }

    /// The whole response, which is also the last on its connection. The request is logged like any other.
    pub(super) fn answer(&self, refused: &Refused) -> Vec<u8> {
        let request_id = RequestId::generate(&self.ids);
        let error = error(refused.status);
        let millis = (refused.elapsed.as_secs_f64() * 1e6).round() / 1e3;
        log(refused, &error, &request_id, millis);
        let now = self.clock.now();
        let occurrence = Occurrence {
            request_id: Some(request_id.as_str()),
            timestamp: Some(now),
            ..Occurrence::default()
        };
        let Rendered { media_type, body } = render(&error, self.format, &occurrence);
        let mut head = format!("HTTP/1.1 {} ", refused.status.as_u16());
        head.push_str(refused.status.canonical_reason().unwrap_or_default());
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT");
        let _ = write!(
            head,
            "\r\ncontent-length: {}\r\nconnection: close\r\ncontent-type: {media_type}\r\n\
             x-request-id: {request_id}\r\nx-process-time: {millis:.3}\r\ndate: {date}\r\n\r\n",
            body.len()
        );
        let mut answer = head.into_bytes();
        if refused.wants_body {
            answer.extend_from_slice(&body);
        }
        answer
    }
}

/// What the client did wrong, as far as actix-http tells.
fn error(status: StatusCode) -> Error {
    let kind = Kind::from_status(status.as_u16());
    let message = match status {
        StatusCode::BAD_REQUEST => "The request is not valid HTTP/1.1",
        StatusCode::REQUEST_TIMEOUT => "The request did not arrive in time",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The request's headers are too large",
        _ => kind.entry().message,
    };
    Error::new(kind, message).with_status(status.as_u16())
}

/// The same line as for a request that reached an application.
fn log(refused: &Refused, error: &Error, request_id: &RequestId, duration_ms: f64) {
    let status = refused.status.as_u16();
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                target: "http.request",
                $level,
                method = "-",
                route = "unparsed",
                status,
                duration_ms,
                client_ip = refused.client.map(tracing::field::display),
                request_id = request_id.as_str(),
                code = error.kind().code(),
                "http.request"
            )
        };
    }
    if status >= 500 { event!(Level::ERROR) } else { event!(Level::INFO) }
}
