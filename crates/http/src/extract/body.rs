//! Request bodies.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use palisade_core::{Error, input};
use serde::de::DeserializeOwned;
use validator::Validate;

use super::{BodyBound, json, media_type::MediaType, pairs, payload};
use crate::{Rejection, error::wrong_type};

/// A JSON body. 415 for another type, 400 for what is no JSON, 413 over the limit, and 422 naming each member
/// that is missing, wrong, unknown, given twice or not to be stored as text.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

/// The same from a JSON body or from an `application/x-www-form-urlencoded` one, as OAuth 2.0 clients send it.
#[derive(Debug, Clone)]
pub struct FormOrBody<T>(pub T);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Rejection>>>>;

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Rejection;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if MediaType::of(request.headers(), JSON)? != MediaType::Json {
                return Err(wrong_type(JSON).into());
            }
            let body = payload::read(&request, payload).await?;
            Ok(Self(from_json(&body, &request)?))
        })
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for FormOrBody<T> {
    type Error = Rejection;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let media_type = MediaType::of(request.headers(), JSON_OR_FORM)?;
            let body = payload::read(&request, payload).await?;
            Ok(Self(match media_type {
                MediaType::Json => from_json(&body, &request)?,
                MediaType::Form => input::read_pairs(form(&body)?)?,
            }))
        })
    }
}

const JSON: &str = "application/json";
const JSON_OR_FORM: &str = "application/json, application/x-www-form-urlencoded";

fn from_json<T: DeserializeOwned + Validate>(body: &[u8], request: &HttpRequest) -> Result<T, Error> {
    let depth = BodyBound::of(request).json_depth;
    let read = std::str::from_utf8(body).ok().and_then(|text| input::read_text(text, depth));
    // Only what is wrong is read once more, to tell all of it.
    read.map_or_else(|| input::read(&json::parse(body, depth)?), Ok)
}

fn form(body: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::bad_request("The body is not valid UTF-8"))?;
    pairs::parse(text, "The body")
}
