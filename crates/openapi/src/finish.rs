//! Completes an API document with what handlers do not declare: its name, security schemes, the errors of each operation.

use palisade_core::error::Reason;
use utoipa::openapi::{
    LicenseBuilder, OpenApi, ServerBuilder, extensions::ExtensionsBuilder, info::Info, tag::TagBuilder,
};

use crate::{bodies, bounds, idempotency, operations::operations_mut, responses, schemes};

/// Facts about the API that its handlers do not declare.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The API's name.
    pub title: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// The environment in which it runs.
    pub environment: &'a str,
    /// The licence of the API, as an SPDX expression; empty for none.
    pub license: &'a str,
    /// The tags in the order in which viewers show them, each with its description.
    pub tags: &'a [(&'a str, &'a str)],
    /// The reasons that descriptions of responses name.
    pub reasons: &'a [Reason],
    /// The path that exchanges a name and a password for tokens.
    pub login: &'a str,
    /// Whether operations that change something accept `Idempotency-Key`.
    pub idempotency_keys: bool,
}

/// Completes the document: adds its head, the schemes `bearer` and `oauth2`, and to each operation every error of the
/// catalogue that it can return, in both forms. A status that an operation describes itself is kept.
#[must_use]
pub fn finish(mut openapi: OpenApi, about: &About<'_>) -> OpenApi {
    let mut info = Info::new(about.title, about.version);
    info.description = Some(DESCRIPTION.to_owned());
    info.license = (!about.license.is_empty())
        .then(|| LicenseBuilder::new().name(about.license).identifier(Some(about.license)).build());
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

/// Makes each summary one line of plain text: viewers render Markdown in descriptions, but not in summaries.
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
