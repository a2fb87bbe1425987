//! The id in a path.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use palisade_core::{Error, Id, Parse};

use crate::Rejection;

/// The segment `{id}` of the route. Anything but an id is a 422 at `/id`.
#[derive(Debug)]
pub struct PathId<Of>(pub Id<Of>);

impl<Of> FromRequest for PathId<Of> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.match_info().get("id") {
            Some(text) => Id::parse(text).map(Self).map_err(|error| error.at("id").into()),
            None => Err(Error::internal("the route has no segment {id}").into()),
        })
    }
}
