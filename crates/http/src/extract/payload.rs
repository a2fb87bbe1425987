//! Reading a whole body within its bound.

use std::pin::pin;

use actix_web::{HttpRequest, dev::Payload, http::header::CONTENT_LENGTH};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use palisade_core::Error;

use super::BodyBound;
use crate::error::{payload_error, too_large};

/// The whole body.
///
/// # Errors
/// 413 over the limit, 408 when it does not arrive in time, 400 when it breaks off.
pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Error> {
    let limit = BodyBound::of(request).bytes;
    let expected = declared_length(request).unwrap_or(0);
    if expected > limit {
        return Err(too_large());
    }
    let mut payload = pin!(payload);
    let mut body = BytesMut::with_capacity(expected.min(FIRST_ALLOCATION));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| payload_error(&error).with_source(error.to_string()))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A client that announces much and sends nothing gets no more memory than this.
const FIRST_ALLOCATION: usize = 16 * 1024;

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
