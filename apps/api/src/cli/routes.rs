//! `api routes`.

use palisade_http::routes::RouteTable;

use crate::{
    exit::Exit,
    failure::Failure,
    generated::{deprecations, in_words, who},
    pipeline,
    settings::Settings,
};

pub(super) fn run(settings: &Settings) -> Result<Exit, Failure> {
    let openapi = pipeline::openapi(settings);
    let deprecations = deprecations(&openapi, settings)?;
    for (method, path, access) in RouteTable::from_openapi(&openapi).iter() {
        let deprecated =
            deprecations.get(method, path).map(|found| format!(", deprecated {}", in_words(found)));
        super::print(&format!("{method:<7} {path:<44} {}{}", who(access), deprecated.unwrap_or_default()));
    }
    Ok(Exit::Clean)
}
