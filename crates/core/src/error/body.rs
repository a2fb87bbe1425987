//! The two forms of an error body.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

#[cfg(feature = "openapi")]
use super::schema::{Causes, ErrorCode, ErrorFields, ReasonName, RequestIdText};
use super::{Error, FieldError, format::ErrorFormat};

/// The most bytes of a field's pointer that are shown.
const MAX_FIELD_LENGTH: usize = 256;
/// The most bytes of a text for people that are shown.
const MAX_TEXT_LENGTH: usize = 1_024;

/// The most causes that are shown.
const MAX_CAUSES: usize = 20;

/// What only the request knows about an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Occurrence<'a> {
    /// The request's id.
    pub request_id: Option<&'a str>,
    /// The request's path, in a form that is safe to show.
    pub instance: &'a str,
    /// When it happened.
    pub timestamp: Option<DateTime<Utc>>,
    /// Whether 5xx bodies show their causes.
    pub show_causes: bool,
}

/// A finished body.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// For `Content-Type`.
    pub media_type: &'static str,
    /// The JSON text.
    pub body: Vec<u8>,
}

/// Gives errors the bodies that clients get. The standard ones are made by [`render`].
///
/// ```
/// use palisade_core::error::{Error, ErrorBody, ErrorFormat, Occurrence, Rendered};
///
/// /// The message alone.
/// #[derive(Debug)]
/// struct Plain;
///
/// impl ErrorBody for Plain {
///     fn render(&self, error: &Error, _: ErrorFormat, _: &Occurrence<'_>) -> Rendered {
///         Rendered { media_type: "text/plain", body: error.message().as_bytes().to_vec() }
///     }
/// }
/// ```
pub trait ErrorBody: std::fmt::Debug + Send + Sync {
    /// The body of `error`. `format` is what the settings or the request's `Accept` ask for; another one may be given.
    /// [`Error::message`] and [`Error::fields`] are for clients, an error's source is not.
    fn render(&self, error: &Error, format: ErrorFormat, occurrence: &Occurrence<'_>) -> Rendered;
}

/// The body of `error` in `format`.
#[must_use]
pub fn render(error: &Error, format: ErrorFormat, occurrence: &Occurrence<'_>) -> Rendered {
    let body = match format {
        ErrorFormat::Envelope => serde_json::to_vec(&envelope(error, occurrence)),
        ErrorFormat::Problem => serde_json::to_vec(&problem(error, occurrence)),
    };
    // Texts, numbers and lists of them always have a JSON form.
    Rendered { media_type: format.media_type(), body: body.unwrap_or_default() }
}

/// The envelope form of an error.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ErrorEnvelope))]
pub struct Envelope<'a> {
    /// The error.
    pub error: EnvelopeError<'a>,
}

/// What went wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ErrorBody))]
pub struct EnvelopeError<'a> {
    /// The stable name of the kind of error.
    #[cfg_attr(feature = "openapi", schema(value_type = ErrorCode))]
    pub code: &'a str,
    /// What happened, for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"\S", max_length = 1025, example = "Not Found"))]
    pub message: Cow<'a, str>,
    /// The request's id, to be named in a report.
    #[cfg_attr(feature = "openapi", schema(value_type = RequestIdText))]
    pub request_id: Option<&'a str>,
    /// The fields that broke a rule, or the domain's reason, or null.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Details<'static>>, required))]
    pub details: Option<Details<'a>>,
}

/// What is known beyond the kind of error.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Details<'a> {
    /// Each field that broke a rule.
    Fields(Vec<Cow<'a, FieldError>>),
    /// The domain's reason.
    Facts(Facts<'a>),
}

#[cfg(feature = "openapi")]
crate::one_of_schema! {
    Details<'_> as "ErrorDetails", "What is known beyond the kind of error.", ErrorFields, Facts<'static>,
}

/// A reason, and in debug mode the causes of a 5xx.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ErrorFacts))]
pub struct Facts<'a> {
    /// The domain's dotted name for what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = ReasonName, required = false))]
    pub reason: Option<&'a str>,
    /// The causes, nearest first. Only with `APP_DEBUG`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Causes, required = false))]
    pub causes: Vec<String>,
}

/// The problem form of an error (RFC 9457).
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem<'a> {
    /// The address of a page about this kind of error.
    #[serde(rename = "type")]
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^/errors/[a-z-]+$", max_length = 64, example = "/errors/not-found")
    )]
    pub kind: String,
    /// The kind of error in words.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = r"\S", max_length = 64, example = "Resource Not Found")
    )]
    pub title: &'static str,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599, example = 404))]
    pub status: u16,
    /// What happened, for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"\S", max_length = 1025, example = "Not Found"))]
    pub detail: Cow<'a, str>,
    /// The path of the request.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[-A-Za-z0-9._~!$&'()*+,;=:@/%]+$",
            max_length = 196_610,
            example = "/api/v1/users/01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11"
        )
    )]
    pub instance: &'a str,
    /// The stable name of the kind of error.
    #[cfg_attr(feature = "openapi", schema(value_type = ErrorCode))]
    pub code: &'static str,
    /// The request's id, to be named in a report.
    #[cfg_attr(feature = "openapi", schema(value_type = RequestIdText))]
    pub request_id: Option<&'a str>,
    /// When it happened, RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Option<String>,
    /// Each field that broke a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = ErrorFields, required = false))]
    pub errors: Vec<Cow<'a, FieldError>>,
    /// The domain's dotted name for what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = ReasonName, required = false))]
    pub reason: Option<&'a str>,
    /// The causes, nearest first. Only with `APP_DEBUG`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Causes, required = false))]
    pub causes: Vec<String>,
}

fn envelope<'a>(error: &'a Error, occurrence: &Occurrence<'a>) -> Envelope<'a> {
    let fields = fields(error);
    let facts = Facts { reason: error.reason(), causes: causes(error, occurrence) };
    let details = if !fields.is_empty() {
        Some(Details::Fields(fields))
    } else if facts.reason.is_some() || !facts.causes.is_empty() {
        Some(Details::Facts(facts))
    } else {
        None
    };
    let (code, message) = (error.kind().code(), cut(error.message(), MAX_TEXT_LENGTH));
    Envelope { error: EnvelopeError { code, message, request_id: occurrence.request_id, details } }
}

fn problem<'a>(error: &'a Error, occurrence: &Occurrence<'a>) -> Problem<'a> {
    let kind = error.kind();
    Problem {
        kind: format!("/errors/{}", kind.slug()),
        title: kind.entry().title,
        status: error.status(),
        detail: cut(error.message(), MAX_TEXT_LENGTH),
        instance: occurrence.instance,
        code: kind.code(),
        request_id: occurrence.request_id,
        timestamp: occurrence.timestamp.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        errors: fields(error),
        reason: error.reason(),
        causes: causes(error, occurrence),
    }
}

fn fields(error: &Error) -> Vec<Cow<'_, FieldError>> {
    error.fields().iter().take(FieldError::MOST).map(shortened).collect()
}

fn shortened(error: &FieldError) -> Cow<'_, FieldError> {
    let FieldError { field, message, code } = error;
    if field.len() <= MAX_FIELD_LENGTH && message.len() <= MAX_TEXT_LENGTH {
        return Cow::Borrowed(error);
    }
    let field = cut(field, MAX_FIELD_LENGTH).into_owned();
    let message = cut(message, MAX_TEXT_LENGTH).into_owned();
    Cow::Owned(FieldError { field, message: message.into(), code: code.clone() })
}

/// The text, or so many bytes of it and a sign that it is longer.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.get(..text.floor_char_boundary(most)) {
        Some(start) if start.len() < text.len() => Cow::Owned(format!("{start}…")),
        _ => Cow::Borrowed(text),
    }
}

fn causes(error: &Error, occurrence: &Occurrence<'_>) -> Vec<String> {
    let shown = occurrence.show_causes && error.status() >= 500;
    let causes = error.causes().map(|cause| cut(&cause, MAX_TEXT_LENGTH).into_owned());
    if shown { causes.take(MAX_CAUSES).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use serde_json::{Value, json};

    use super::*;

    fn shown(error: &Error, format: ErrorFormat, show_causes: bool) -> Value {
        let timestamp = DateTime::from_timestamp_millis(1_700_000_000_123);
        let occurrence = Occurrence { request_id: Some("id"), instance: "/x", timestamp, show_causes };
        serde_json::from_slice(&render(error, format, &occurrence).body).unwrap()
    }

    #[test]
    fn the_envelope_is_the_documented_one() {
        let error = Error::from(ErrorKind::NotFound);
        assert_eq!(
            shown(&error, ErrorFormat::Envelope, false),
            json!({"error": {"code": "not_found", "message": "Not Found", "request_id": "id", "details": null}})
        );
        let error = Error::conflict("Taken").with_reason("users.email_taken");
        let details = &shown(&error, ErrorFormat::Envelope, false)["error"]["details"];
        assert_eq!(*details, json!({"reason": "users.email_taken"}));
    }

    #[test]
    fn the_problem_is_the_documented_one() {
        let error = Error::from(FieldError::new("email", "invalid_email", "must be an e-mail address"));
        assert_eq!(
            shown(&error, ErrorFormat::Problem, false),
            json!({
                "type": "/errors/validation-error", "title": "Validation Failed", "status": 422,
                "detail": "Validation Failed", "instance": "/x", "code": "validation_error",
                "request_id": "id", "timestamp": "2023-11-14T22:13:20.123Z",
                "errors": [{
                    "field": "/email", "code": "invalid_email", "message": "must be an e-mail address",
                }],
            })
        );
    }

    #[test]
    fn causes_are_shown_for_5xx_in_debug_mode_only() {
        let fault = Error::internal("the disk is on fire");
        let refusal = Error::not_found("No").with_source("no row");
        for format in [ErrorFormat::Envelope, ErrorFormat::Problem] {
            assert!(!shown(&fault, format, false).to_string().contains("fire"));
            assert!(shown(&fault, format, true).to_string().contains("the disk is on fire"));
            assert!(!shown(&refusal, format, true).to_string().contains("no row"));
        }
    }

    #[test]
    fn many_and_long_fields_do_not_blow_a_body_up() {
        let long = "é".repeat(1_000);
        let error = Error::validation(vec![FieldError::new(&long, "unknown_field", "is not known"); 5_000]);
        for format in [ErrorFormat::Envelope, ErrorFormat::Problem] {
            assert!(shown(&error, format, false).to_string().len() < 64 * 1_024);
        }
    }
}
