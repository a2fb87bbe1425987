//! Samples of error bodies.

use chrono::DateTime;
use palisade_core::{
    Error, ErrorFormat, ErrorKind,
    error::{Occurrence, Reason, render},
};
use utoipa::openapi::{RefOr, example::Example};

const ID: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11";
/// In milliseconds since 1970.
const TIME: i64 = 1_767_225_600_000;

/// Sample failures of a response: one for each reason that its description names in backquotes, otherwise one with the
/// words of the description.
pub(super) fn of(status: u16, description: &str, reasons: &[Reason]) -> Vec<Error> {
    let named = description.split('`').skip(1).step_by(2);
    let known = named.filter_map(|name| reasons.iter().find(|reason| reason.name == name));
    let found: Vec<Error> = known
        .filter(|reason| reason.kind.status() == status)
        .map(|reason| Error::new(reason.kind, reason.meaning).with_reason(reason.name))
        .collect();
    if found.is_empty() {
        let words = description.split(':').next().unwrap_or_default().to_owned();
        return vec![Error::new(ErrorKind::from_status(status), words).with_status(status)];
    }
    found
}

/// Example of a failure at `path`, named by its reason or its code.
pub(super) fn shown(error: &Error, format: ErrorFormat, path: &str) -> (String, RefOr<Example>) {
    let instance: Vec<_> =
        path.split('/').map(|part| if part.starts_with('{') { ID } else { part }).collect();
    let occurrence = Occurrence {
        request_id: Some(ID),
        instance: &instance.join("/"),
        timestamp: DateTime::from_timestamp_millis(TIME),
        show_causes: false,
    };
    let body = serde_json::from_slice(&render(error, format, &occurrence).body).ok();
    let name = error.reason().unwrap_or(error.kind().code());
    let mut example = Example::new();
    // Viewers show the Markdown of a summary as it stands.
    example.summary = error.message().replace('`', "");
    example.value = body;
    (name.to_owned(), example.into())
}
