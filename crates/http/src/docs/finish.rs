//! What the code alone does not say of an API: its name, its security schemes, the errors of each operation.

use utoipa::openapi::{OpenApi, Server, info::Info};

use super::{bodies, idempotency, responses, schemes};
use crate::routes::operations_mut;

/// What stands in the head of the API document.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The API's name.
    pub title: &'a str,
    /// The program's version.
    pub version: &'a str,
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
    openapi.info = info;
    openapi.servers = Some(vec![Server::new("/")]);
    schemes::declare(&mut openapi, about.login);
    if about.idempotency_keys {
        idempotency::declare(&mut openapi);
    }
    responses::declare(&mut openapi);
    bodies::close(&mut openapi);
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

const DESCRIPTION: &str = "Every failure has one body: the envelope as `application/json`, or RFC 9457 as \
                           `application/problem+json`; `Accept` chooses. `/errors` explains each code. Every response \
                           names its request in `X-Request-ID`.";
