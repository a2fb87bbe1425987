//! What request bodies may hold: the members they declare and no others, as the parser sees it.

use utoipa::openapi::{Content, OpenApi, RefOr, Schema, schema::AdditionalProperties};

use crate::routes::operations_mut;

/// Says of each object schema that is a request body that it has no further members.
pub(super) fn close(openapi: &mut OpenApi) {
    let mut names = Vec::new();
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        let Some(RefOr::T(body)) = &operation.request_body else { continue };
        names.extend(body.content.values().filter_map(schema_name));
    }
    let Some(components) = &mut openapi.components else { return };
    for name in names {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

fn schema_name(content: &RefOr<Content>) -> Option<String> {
    let RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) = content else { return None };
    reference.ref_location.strip_prefix("#/components/schemas/").map(ToOwned::to_owned)
}
