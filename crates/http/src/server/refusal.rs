//! The answer to a request that no application could answer.

use std::{fmt::Write, net::IpAddr, sync::Arc, time::Duration};

use actix_http::StatusCode;
use palisade_core::{Clock, Error, Ids, Kind, RequestId};

/// Makes the body of an error: its media type and its bytes.
pub type Render = fn(&Error, &RequestId) -> (&'static str, Vec<u8>);

/// Makes the answers of a server.
pub(super) struct Refusals {
    clock: Arc<dyn Clock>,
    ids: Ids,
    render: Render,
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
        Self { clock, ids, render: envelope }
    }

    pub(super) fn with_render(&self, render: Render) -> Self {
        Self { clock: self.clock.clone(), ids: self.ids.clone(), render }
    }

    /// The whole response, which is also the last on its connection. The request is logged like any other.
    pub(super) fn answer(&self, refused: &Refused) -> Vec<u8> {
        let request_id = RequestId::generate(&self.ids);
        let error = error(refused.status);
        let millis = refused.elapsed.as_secs_f64() * 1_000.0;
        log(refused, &request_id, millis);
        let (media_type, body) = (self.render)(&error, &request_id);
        let mut head = format!("HTTP/1.1 {} ", refused.status.as_u16());
        head.push_str(refused.status.canonical_reason().unwrap_or_default());
        let date = self.clock.now().format("%a, %d %b %Y %H:%M:%S GMT");
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

fn log(refused: &Refused, request_id: &RequestId, duration_ms: f64) {
    tracing::info!(
        method = "-",
        route = "unparsed",
        status = refused.status.as_u16(),
        duration_ms,
        client_ip = refused.client.map(tracing::field::display),
        %request_id,
        "http.request"
    );
}

fn envelope(error: &Error, request_id: &RequestId) -> (&'static str, Vec<u8>) {
    let body = serde_json::json!({
        "error": {
            "code": error.kind().code(),
            "message": error.message(),
            "request_id": request_id.as_str(),
            "details": null,
        }
    });
    ("application/json", body.to_string().into_bytes())
}
