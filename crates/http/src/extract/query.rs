//! The query string.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use palisade_core::input;
use serde::de::DeserializeOwned;
use validator::Validate;

use super::pairs;
use crate::Rejection;

/// The parameters after `?`. What cannot be decoded is a 400; an unknown, repeated or wrong parameter is a 422
/// that names it.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = pairs::parse(request.query_string(), "The query string");
        ready(pairs.and_then(input::read_pairs).map(Self).map_err(Rejection::from))
    }
}
