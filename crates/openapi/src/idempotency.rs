//! `Idempotency-Key` on each operation that changes something.

use palisade_core::schema::text;
use utoipa::openapi::{
    Components, OpenApi, PathItem, Ref, RefOr, Required,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
};

const NAME: &str = "IdempotencyKey";
const REFERENCE: &str = "#/components/parameters/IdempotencyKey";

/// 255 characters, each escaped, in quotes.
const MAX_LENGTH: usize = 2 * 255 + 2;
const PATTERN: &str = r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#;

const DESCRIPTION: &str = "Names this request, in 1 to 255 visible ASCII characters, bare or in double quotes. Sent again under the same \
     name, it is not carried out again: the first answer comes back, with `Idempotency-Replayed: true`. While the \
     first is in progress it is a 409 `idempotency.in_progress`; another request under the name is a 422 \
     `idempotency.key_reused`. Answers with tokens in them are not kept.";

/// Declares the header.
pub(super) fn declare(openapi: &mut OpenApi) {
    for operation in openapi.paths.paths.values_mut().flat_map(unsafe_operations) {
        operation.parameters.get_or_insert_default().push(RefOr::Ref(Ref::new(REFERENCE)));
    }
    let components = openapi.components.get_or_insert_with(Components::new);
    components.parameters.insert(NAME.to_owned(), RefOr::T(parameter()));
}

/// Whether the operation takes the header.
pub(super) fn is_declared(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().flatten();
    parameters
        .into_iter()
        .any(|one| matches!(one, RefOr::Ref(reference) if reference.ref_location == REFERENCE))
}

fn unsafe_operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { post, put, patch, delete, .. } = item;
    [post, put, patch, delete].into_iter().filter_map(Option::as_mut)
}

fn parameter() -> Parameter {
    let schema = text(1..=MAX_LENGTH, PATTERN);
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(DESCRIPTION))
        .schema(Some(schema))
        .build()
}
