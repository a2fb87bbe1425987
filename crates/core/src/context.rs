//! What is known of the request being served.

use std::{fmt, sync::Arc};

use uuid::Uuid;

use crate::{FieldError, Ids, Parse};

/// The name under which a request is found in logs, traces and error bodies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Longest id taken from a client, in bytes.
    pub const MAX_LENGTH: usize = 128;

    /// A new id: a UUIDv7.
    #[must_use]
    pub fn generate(ids: &Ids) -> Self {
        Self((&*ids.uuid().hyphenated().encode_lower(&mut Uuid::encode_buffer())).into())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Parse for RequestId {
    /// Takes 1 to 128 letters, digits and `-_.:` so that no id can break a log line or a header.
    fn parse(text: &str) -> Result<Self, FieldError> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(safe) {
            return Err(FieldError::unplaced(
                "invalid_request_id",
                "must be 1 to 128 letters, digits or -_.:",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The caller's place in a distributed trace (W3C Trace Context, level 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace.
    pub trace_id: [u8; 16],
    /// The caller's span.
    pub parent_id: [u8; 8],
    /// Whether the caller records the trace.
    pub sampled: bool,
}

impl TraceContext {
    /// The trace id in the 32 hexadecimal digits that logs show.
    #[must_use]
    pub fn trace_id_text(&self) -> String {
        hex(&self.trace_id)
    }
}

impl Parse for TraceContext {
    /// Reads a `traceparent` header (W3C Trace Context §3.2). A version above 00 may carry more fields,
    /// which are ignored, as §4 of it demands; version ff and all-zero ids are refused.
    fn parse(text: &str) -> Result<Self, FieldError> {
        parse_traceparent(text)
            .ok_or_else(|| FieldError::unplaced("invalid_traceparent", "must be a W3C traceparent"))
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", hex(&self.trace_id), hex(&self.parent_id), u8::from(self.sampled))
    }
}

fn parse_traceparent(text: &str) -> Option<TraceContext> {
    let mut parts = text.split('-');
    let (version, trace_id, parent_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let [version] = unhex(version)?;
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let (trace_id, parent_id, [flags]) = (unhex(trace_id)?, unhex(parent_id)?, unhex(flags)?);
    let valid = trace_id != [0; 16] && parent_id != [0; 8];
    valid.then_some(TraceContext { trace_id, parent_id, sampled: flags & 1 == 1 })
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    // Digits are text.
    String::from_utf8(digits.collect()).unwrap_or_default()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 2 * N || !text.bytes().all(lower_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// What the tracing systems of callers have noted of a trace (W3C Trace Context §3.3). It is passed on as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceState(Arc<str>);

impl TraceState {
    /// The most that is passed on, in bytes: as much as §3.3.1.5 asks for. Of a longer list the last members are left out.
    pub const MAX_LENGTH: usize = 512;
    const MAX_MEMBERS: usize = 32;

    /// The list, as the header `tracestate` bears it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Parse for TraceState {
    /// Reads a `tracestate` header, or several joined by commas. A list with a malformed member is refused whole, as
    /// §4.3 demands.
    fn parse(text: &str) -> Result<Self, FieldError> {
        parse_tracestate(text)
            .ok_or_else(|| FieldError::unplaced("invalid_tracestate", "must be a W3C tracestate"))
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parse_tracestate(text: &str) -> Option<TraceState> {
    let members =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty());
    let mut list = String::new();
    let mut keys: Vec<&str> = Vec::new();
    let mut is_full = false;
    for member in members {
        let (key, value) = member.split_once('=')?;
        if keys.len() == TraceState::MAX_MEMBERS || keys.contains(&key) || !is_key(key) || !is_state(value) {
            return None;
        }
        keys.push(key);
        let comma = usize::from(!list.is_empty());
        is_full |= list.len() + comma + member.len() > TraceState::MAX_LENGTH;
        if !is_full {
            list.push_str(if comma > 0 { "," } else { "" });
            list.push_str(member);
        }
    }
    (!list.is_empty()).then(|| TraceState(list.into()))
}

/// §3.3.1.3.1 of level 2, which also takes what level 1 does.
fn is_key(key: &str) -> bool {
    let first = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let rest = |byte: u8| first(&byte) || b"_-*/@".contains(&byte);
    key.len() <= 256 && key.as_bytes().first().is_some_and(first) && key.bytes().all(rest)
}

/// §3.3.1.3.2.
fn is_state(value: &str) -> bool {
    let is_of = |byte: u8| (b' '..=b'~').contains(&byte) && !b",=".contains(&byte);
    !value.is_empty() && value.len() <= 256 && value.bytes().all(is_of)
}

/// What is known of the request being served, for logs, error bodies and outgoing calls.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The request's name.
    pub request_id: RequestId,
    /// The caller's place in a trace, when it sent one.
    pub trace: Option<TraceContext>,
    /// What callers have noted of that trace.
    pub trace_state: Option<TraceState>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_example_of_the_standard() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = TraceContext::parse(text).unwrap();
        assert_eq!(trace.to_string(), text);
        assert_eq!(trace.trace_id_text(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn refuses_what_the_standard_refuses() {
        for text in [
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "",
        ] {
            assert!(TraceContext::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_tracestate_is_taken_as_it_came_or_not_at_all() {
        for (text, taken) in [
            ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
            (" a=1 ,, b@c=x y ", "a=1,b@c=x y"),
        ] {
            assert_eq!(TraceState::parse(text).unwrap().as_str(), taken);
        }
        let many: Vec<String> = (0..33).map(|member| format!("k{member}=1")).collect();
        for text in
            ["", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "a=b=c", "a=\u{e9}", "a=1\nb: 2", &many.join(",")]
        {
            assert!(TraceState::parse(text).is_err(), "{text}");
        }
        let long = format!("a={0},b={0},c=1", "x".repeat(255));
        let kept = TraceState::parse(&long).unwrap();
        assert!(kept.as_str().len() <= TraceState::MAX_LENGTH && kept.as_str().starts_with("a=x"), "{kept}");
    }

    proptest! {
        #[test]
        fn a_taken_tracestate_is_safe_in_a_header(text in ".{0,80}|([a-z]=[ -~]{0,9},?){0,9}") {
            if let Ok(state) = TraceState::parse(&text) {
                prop_assert!(state.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                prop_assert_eq!(TraceState::parse(state.as_str()).unwrap(), state);
            }
        }

        #[test]
        fn a_taken_request_id_is_safe_in_a_log_line(text in ".{0,200}") {
            if let Ok(id) = RequestId::parse(&text) {
                prop_assert!(id.as_str().len() <= 128);
                prop_assert!(id.as_str().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'));
            }
        }

        #[test]
        fn any_traceparent_gives_a_verdict(text in ".*") {
            let _ = TraceContext::parse(&text);
        }
    }
}
