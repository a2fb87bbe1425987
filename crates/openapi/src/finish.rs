//! What the code alone does not say of an API: its name, its security schemes, the errors of each operation.

use palisade_core::error::Reason;
use utoipa::openapi::{
    License, OpenApi, ServerBuilder, extensions::ExtensionsBuilder, info::Info, tag::TagBuilder,
};

use crate::{bodies, bounds, idempotency, operations::operations_mut, responses, schemes};

/// What stands in the head of the API document.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The API's name.
    pub title: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// Where it runs.
    pub environment: &'a str,
    /// The licence it may be used under, as an SPDX expression.
    pub license: &'a str,
    /// The groups of operations in the order in which they are shown, each with what it is for.
    pub tags: &'a [(&'a str, &'a str)],
    /// The names for what goes wrong, of which the descriptions of responses speak.
    pub reasons: &'a [Reason],
    /// The path that gives tokens for a name and a password.
    pub login: &'a str,
    /// Whether operations that change something take `Idempotency-Key`.
    pub idempotency_keys: bool,
}

/// The finished document: with its head, the schemes `bearer` and `oauth2`, and on each operation every error
/// of the catalogue that it can give, in both forms. What an operation says of a status itself is kept.
#[must_use]
pub fn finish(mut openapi: OpenApi, about: &About<'_>) -> OpenApi {
    let mut info = Info::new(about.title, about.version);
    info.description = Some(DESCRIPTION.to_owned());
    let mut license = License::new(about.license);
    license.identifier = Some(about.license.to_owned());
    info.license = Some(license);
    openapi.info = info;
    let open = ExtensionsBuilder::new().add("x-internal", false).build();
    let place = format!("The server that this document comes from; its environment is {}", about.environment);
    let server = ServerBuilder::new().url("/").description(Some(place));
    openapi.servers = Some(vec![server.extensions(Some(open)).build()]);
    let tags = about.tags.iter();
    let tags = tags.map(|(name, purpose)| TagBuilder::new().name(*name).description(Some(*purpose)).build());
    openapi.tags = Some(tags.collect());
    schemes::declare(&mut openapi, about.login);
    if about.idempotency_keys {
        idempotency::declare(&mut openapi);
    }
    responses::declare(&mut openapi, about.reasons);
    bodies::close(&mut openapi);
    bounds::declare(&mut openapi);
    plain_summaries(&mut openapi);
    openapi
}

/// A summary is one line of plain text: unlike descriptions, viewers show its Markdown as it stands.
fn plain_summaries(openapi: &mut OpenApi) {
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        if let Some(summary) = &mut operation.summary {
            *summary = summary.replace('`', "").replace('\n', " ");
        }
    }
}

const DESCRIPTION: &str = "Every failure has one of two bodies: the envelope as `application/json`, or RFC 9457 as \
                           `application/problem+json`; `Accept` chooses. `/errors` explains each code. Every response \
                           names its request in `X-Request-ID`.";
