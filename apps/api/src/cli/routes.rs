//! `api routes`.

use palisade_http::settings::ManagementSettings;

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
    for (method, path, access) in pipeline::public_routes(settings, &openapi).iter() {
        let deprecated =
            deprecations.get(method, path).map(|found| format!(", deprecated {}", in_words(found)));
        super::print(&format!("{method:<7} {path:<44} {}{}", who(access), deprecated.unwrap_or_default()));
    }
    if settings.management.enabled {
        print_private(&settings.management);
    }
    Ok(Exit::Clean)
}

fn print_private(ManagementSettings { host, port, token, .. }: &ManagementSettings) {
    let who = if token.is_some() { "whoever shows management.token" } else { "whoever reaches it" };
    super::print(&format!("\nOn the management listener, {host}:{port}:"));
    for (method, path, _) in pipeline::private_routes().iter() {
        super::print(&format!("{method:<7} {path:<44} {who}"));
    }
}
