//! `api routes`.

use palisade_http::routes::RouteTable;

use crate::{exit::Exit, failure::Failure, generated::who, pipeline, settings::Settings};

pub(super) fn run(settings: &Settings) -> Result<Exit, Failure> {
    for (method, path, access) in RouteTable::from_openapi(&pipeline::openapi(settings)).iter() {
        super::print(&format!("{method:<7} {path:<44} {}", who(access)));
    }
    Ok(Exit::Clean)
}
