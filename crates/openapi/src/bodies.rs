//! Closes the schemas of request bodies: the parser refuses members that a body does not declare.

use utoipa::openapi::{
    Components, Content, OpenApi, RefOr, Schema, request_body::RequestBody, schema::AdditionalProperties,
};

use crate::operations::operations_mut;

/// Declares `additionalProperties: false` for each object schema that is a request body.
pub(super) fn close(openapi: &mut OpenApi) {
    let mut names = Vec::new();
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        let Some(RefOr::T(RequestBody { content, .. })) = &operation.request_body else { continue };
        for content in content.values() {
            if let RefOr::T(Content { schema: Some(schema), .. }) = content {
                names.extend(name(schema));
            }
        }
    }
    let Some(components) = &mut openapi.components else { return };
    for name in names {
        close_named(components, &name);
    }
}

/// Closes the object with this name, or each alternative of a `oneOf`.
fn close_named(components: &mut Components, known: &str) {
    match components.schemas.get_mut(known) {
        Some(RefOr::T(Schema::Object(object))) => {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        Some(RefOr::T(Schema::OneOf(one))) => {
            let names: Vec<_> = one.items.iter().filter_map(name).collect();
            names.iter().for_each(|name| close_named(components, name));
        }
        _ => {}
    }
}

fn name(schema: &RefOr<Schema>) -> Option<String> {
    let RefOr::Ref(reference) = schema else { return None };
    reference.ref_location.strip_prefix("#/components/schemas/").map(ToOwned::to_owned)
}
