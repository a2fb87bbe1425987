//! Deprecated routes.

use chrono::NaiveDate;
use palisade_http::deprecation::{Deprecation, Deprecations};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::{Deprecated, OpenApi, extensions::ExtensionsBuilder, path::Operation};

use crate::operations::{operations, operations_mut};

/// The extension of an operation that declares it deprecated.
const EXTENSION: &str = "x-deprecation";

/// A deprecation that an API document declares wrongly.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the deprecation of {route} {problem}")]
pub struct InvalidDeclaration {
    route: String,
    problem: String,
}

/// Content of the extension.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    since: NaiveDate,
    sunset: Option<NaiveDate>,
    successor: Option<String>,
}

/// The routes that an API document declares as deprecated. A route says so in its `#[utoipa::path]`, besides being marked by
/// `#[deprecated]`:
///
/// ```text
/// extensions(("x-deprecation" = json!({
///     "since": "2026-11-20", "sunset": "2027-06-01", "successor": "auth/login",
/// })))
/// ```
///
/// Dates are days that begin at midnight UTC; `sunset` and `successor` may be left out. A successor that begins with neither
/// `/` nor `http` lies under `api_prefix`.
///
/// # Errors
/// When a declaration cannot be read, or does not agree with the mark `#[deprecated]`.
pub fn deprecations(openapi: &OpenApi, api_prefix: &str) -> Result<Deprecations, InvalidDeclaration> {
    operations(openapi).try_fold(Deprecations::default(), |all, (method, pattern, operation)| {
        match read(operation, api_prefix) {
            Ok(None) => Ok(all),
            Ok(Some(found)) => Ok(all.with(method, pattern, found)),
            Err(problem) => Err(InvalidDeclaration { route: format!("{method} {pattern}"), problem }),
        }
    })
}

/// Marks every operation under `prefix` as deprecated, so that [`deprecations`] finds it: for a whole version of an API. An
/// operation that is deprecated already keeps its own declaration.
pub fn deprecate_all(openapi: &mut OpenApi, prefix: &str, deprecation: &Deprecation) {
    let Deprecation { since, sunset, successor, .. } = deprecation;
    let said = [
        ("since", Some(since.to_string())),
        ("sunset", sunset.map(|day| day.to_string())),
        ("successor", successor.clone()),
    ];
    let said: Map<String, Value> =
        said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    let is_under = |path: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    let items = openapi.paths.paths.iter_mut().filter(|(path, _)| is_under(path));
    for operation in items.flat_map(|(_, item)| operations_mut(item)) {
        if !matches!(operation.deprecated, Some(Deprecated::True)) {
            operation.deprecated = Some(Deprecated::True);
            let extension = ExtensionsBuilder::new().add(EXTENSION, said.clone()).build();
            operation.extensions.get_or_insert_default().merge(extension);
        }
    }
}

fn read(operation: &Operation, api_prefix: &str) -> Result<Option<Deprecation>, String> {
    let marked = matches!(operation.deprecated, Some(Deprecated::True));
    let declared = operation.extensions.as_ref().and_then(|extensions| extensions.get(EXTENSION));
    match declared {
        None if marked => Err(format!("is marked, but has no {EXTENSION} that says since when")),
        None => Ok(None),
        Some(_) if !marked => Err("is declared, but the operation is not marked #[deprecated]".to_owned()),
        Some(declared) => {
            let declared = Declared::deserialize(declared)
                .map_err(|error| format!("cannot be read from its {EXTENSION}: {error}"))?;
            let Declared { since, sunset, successor } = declared;
            let successor = successor.map(|successor| absolute(successor, api_prefix));
            let found = Deprecation::new(since, sunset, successor.as_deref());
            found.map(Some).map_err(|invalid| invalid.problem().to_owned())
        }
    }
}

/// The address of a successor that may be written without the prefix.
fn absolute(successor: String, api_prefix: &str) -> String {
    let is_complete = ["/", "https://", "http://"].iter().any(|start| successor.starts_with(start));
    if successor.is_empty() || is_complete { successor } else { format!("{api_prefix}/{successor}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    fn declared(value: Value) -> Result<Option<Deprecation>, String> {
        let extensions = ExtensionsBuilder::new().add(EXTENSION, value).build();
        let operation = OperationBuilder::new().deprecated(Some(Deprecated::True));
        read(&operation.extensions(Some(extensions)).build(), "/api/v1")
    }

    #[test]
    fn a_successor_is_under_the_prefix_unless_it_says_where() {
        let link = |successor: &str| {
            let value = json!({"since": "2026-11-20", "successor": successor});
            declared(value).unwrap().unwrap().successor.unwrap()
        };
        assert_eq!(link("books"), "/api/v1/books");
        assert_eq!(link("/api/v2/books"), "/api/v2/books");
        assert_eq!(link("https://example.com/books"), "https://example.com/books");
    }

    #[test]
    fn what_makes_no_sense_is_found() {
        for nonsense in [
            json!(true),
            json!({}),
            json!({"since": "20.11.2026"}),
            json!({"since": "2026-02-30"}),
            json!({"since": "2026-11-20", "sunset": "2026-11-19"}),
            json!({"since": "2026-11-20", "sunset": "soon"}),
            json!({"since": "2026-11-20", "successor": ""}),
            json!({"since": "2026-11-20", "successor": "a b"}),
            json!({"since": "2026-11-20", "successor": "a>; rel=\"evil\""}),
            json!({"since": "2026-11-20", "sunst": "2027-06-01"}),
        ] {
            assert!(declared(nonsense.clone()).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn mark_and_declaration_go_together() {
        let marked = OperationBuilder::new().deprecated(Some(Deprecated::True)).build();
        assert!(read(&marked, "/api/v1").is_err());
        let value = json!({"since": "2026-11-20"});
        let extensions = ExtensionsBuilder::new().add(EXTENSION, value).build();
        let unmarked = OperationBuilder::new().extensions(Some(extensions)).build();
        assert!(read(&unmarked, "/api/v1").is_err());
        assert_eq!(read(&Operation::new(), "/api/v1"), Ok(None));
    }
}
