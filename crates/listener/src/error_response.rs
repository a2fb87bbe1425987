//! Error responses to requests that do not reach an application.

use std::{fmt::Write, net::IpAddr, sync::Arc, time::Duration};

use actix_http::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use palisade_core::{
    Clock, Error, ErrorFormat, ErrorKind, Ids, RequestId,
    error::{Occurrence, Rendered, render},
};
use tracing::Level;

/// `Retry-After` for a client with too many connections.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Builds the error responses of a server.
#[derive(Clone)]
pub(crate) struct ErrorResponses {
    clock: Arc<dyn Clock>,
    ids: Ids,
    format: ErrorFormat,
    /// Additional header lines of each response.
    headers: String,
}

/// What is known about a rejected request.
pub(crate) struct RejectedRequest {
    pub(crate) status: StatusCode,
    pub(crate) client: Option<IpAddr>,
    /// Time since its first byte.
    pub(crate) elapsed: Duration,
    /// False for a HEAD request.
    pub(crate) wants_body: bool,
}

impl ErrorResponses {
    pub(crate) fn new(clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self { clock, ids, format: ErrorFormat::default(), headers: String::new() }
    }

    pub(crate) fn in_format(&self, format: ErrorFormat) -> Self {
        Self { format, ..self.clone() }
    }

    /// Adds headers to each response. A header whose value is not text is left out.
    pub(crate) fn with_headers<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) -> Self {
        let lines = headers.into_iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
        let headers = lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Self { headers, ..self.clone() }
    }

    /// Builds the response to a request, and logs the request like any other. It closes the connection.
    pub(crate) fn reject(&self, request: &RejectedRequest) -> Vec<u8> {
        let request_id = RequestId::generate(&self.ids);
        let error = error(request.status);
        // To the microsecond, as for other requests.
        let millis = (request.elapsed.as_secs_f64() * 1e6).round() / 1e3;
        log(request, &error, &request_id, millis);
        let (mut head, body) = self.response(&error, &request_id, millis);
        if request.wants_body {
            head.extend_from_slice(&body);
        }
        head
    }

    /// Builds the response to a connection over the client's limit, whatever it requests.
    pub(crate) fn too_many_connections(&self) -> Vec<u8> {
        let error = Error::unavailable("There are too many connections from your address", RETRY_AFTER);
        let (mut head, body) = self.response(&error, &RequestId::generate(&self.ids), 0.0);
        head.extend_from_slice(&body);
        head
    }

    /// The head and body of a response that closes its connection.
    fn response(&self, error: &Error, request_id: &RequestId, millis: f64) -> (Vec<u8>, Vec<u8>) {
        let now = self.clock.now();
        let occurrence = Occurrence {
            request_id: Some(request_id.as_str()),
            timestamp: Some(now),
            ..Occurrence::default()
        };
        let Rendered { media_type, body } = render(error, self.format, &occurrence);
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut head =
            format!("HTTP/1.1 {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT");
        let _ = write!(
            head,
            "\r\ncontent-length: {}\r\nconnection: close\r\ncontent-type: {media_type}\r\n\
             x-request-id: {request_id}\r\nx-process-time: {millis:.3}\r\ndate: {date}\r\n{}",
            body.len(),
            self.headers
        );
        for (name, value) in error.headers() {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        (head.into_bytes(), body)
    }
}

/// The error for a status of actix-http.
fn error(status: StatusCode) -> Error {
    let kind = ErrorKind::from_status(status.as_u16());
    let message = match status {
        StatusCode::BAD_REQUEST => "The request is not valid HTTP/1.1",
        StatusCode::REQUEST_TIMEOUT => "The request did not arrive in time",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The request's headers are too large",
        StatusCode::URI_TOO_LONG => "The address is too long",
        _ => kind.entry().message,
    };
    Error::new(kind, message).with_status(status.as_u16())
}

/// Logs the same line as for a request that reached an application.
fn log(request: &RejectedRequest, error: &Error, request_id: &RequestId, duration_ms: f64) {
    let status = request.status.as_u16();
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                target: "http.request",
                $level,
                method = "-",
                route = "unparsed",
                status,
                duration_ms,
                client_ip = request.client.map(tracing::field::display),
                request_id = request_id.as_str(),
                code = error.kind().code(),
                "http.request"
            )
        };
    }
    if status >= 500 { event!(Level::ERROR) } else { event!(Level::INFO) }
}
