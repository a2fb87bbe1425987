//! The headers that proxies write, read from the right.

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::{element, node, walk::Hop};

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The header by which trusted proxies tell whom they forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ForwardingHeader {
    /// Whichever is there; neither when they contradict each other.
    #[default]
    Any,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`, with `X-Forwarded-Proto`.
    XForwardedFor,
}

/// The hops of `Forwarded`, the nearest first; `None` for an element that is malformed.
pub(super) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<Hop>> {
    let elements = headers.get_all(FORWARDED).rev().flat_map(|line| element::from_right(line.as_bytes()));
    elements.map(element::hop)
}

/// The hops of `X-Forwarded-For`, the nearest first.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<Hop>> {
    let entries = headers.get_all(&X_FORWARDED_FOR).rev().flat_map(values);
    entries.map(|entry| {
        let ip = entry.and_then(node::address)?;
        Some(Hop { ip: Some(ip), https: None })
    })
}

/// Whether `X-Forwarded-Proto` tells of https. Of a list, the entry that was written with the last believed one of
/// `hops` counts; a single entry counts for all, because proxies replace this header more often than they add to it.
pub(super) fn x_forwarded_proto(headers: &HeaderMap, hops: usize) -> Option<bool> {
    let entries = headers.get_all(&X_FORWARDED_PROTO).rev().flat_map(values);
    node::https(entries.take(hops.max(1)).last()??)
}

/// The values of a list between commas, the last first; `None` for one that is no text. Empty ones do not count
/// (RFC 9110 §5.6.1).
fn values(line: &HeaderValue) -> impl Iterator<Item = Option<&str>> {
    let values = line.as_bytes().rsplit(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    values.filter(|value| !value.is_empty()).map(|value| str::from_utf8(value).ok())
}
