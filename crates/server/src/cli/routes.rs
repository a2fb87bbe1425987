//! `api routes`.

use crate::{
    document,
    exit::Exit,
    failure::Failure,
    generated::{deprecations, in_words, who},
    print::print,
    program::Program,
    settings::{ManagementSettings, Settings},
};

pub(super) fn run(program: &Program, settings: &Settings) -> Result<Exit, Failure> {
    let openapi = program.openapi(settings);
    let further = document::further(program, settings);
    let deprecations = deprecations(program, settings, &openapi, &further)?;
    for (method, path, access) in document::public_routes(settings, &openapi, &further).iter() {
        let deprecated =
            deprecations.get(method, path).map(|found| format!(", deprecated {}", in_words(found)));
        print(&format!("{method:<7} {path:<44} {}{}", who(access), deprecated.unwrap_or_default()));
    }
    if settings.management.enabled {
        print_private(&settings.management);
    }
    Ok(Exit::Clean)
}

fn print_private(ManagementSettings { host, port, token, .. }: &ManagementSettings) {
    let who = if token.is_some() { "whoever shows management.token" } else { "whoever reaches it" };
    print(&format!("\nOn the management listener, {host}:{port}:"));
    for (method, path, _) in document::private_routes().iter() {
        print(&format!("{method:<7} {path:<44} {who}"));
    }
}
