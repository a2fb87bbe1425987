//! The line end behind a secret.

/// The text without one line end at its end: editors put it into files, and `$(cat file)` in quotes or an orchestrator's
/// block of text into variables.
pub(super) fn without(text: &str) -> &str {
    text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text))
}
